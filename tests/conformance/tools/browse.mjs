// Opens the reference in headless Chromium: `node browse.mjs CHROMIUM URL`. Prints, as JSON, what a user can read, there and in each
// of its tabs, what the page requests, and what fails.

import { chromium } from "playwright-core";

const [executablePath, url] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath });
try {
  const page = await browser.newPage();
  const [requests, failures] = [[], []];
  page.on("request", (request) => requests.push(request.url()));
  page.on("requestfailed", (request) => failures.push(`${request.url()}: ${request.failure().errorText}`));
  page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
  page.on("pageerror", (error) => failures.push(String(error)));
  await page.goto(url);
  await page.waitForSelector("#reference h1");
  const text = await page.innerText("body");
  const tabs = await page.evaluate(async () => {
    const texts = [];
    for (const tab of document.querySelectorAll("[role=tab]")) {
      tab.click();
      await new Promise(requestAnimationFrame);
      texts.push(document.getElementById(tab.getAttribute("aria-controls")).innerText);
    }
    return texts;
  });
  await page.waitForLoadState("networkidle");
  console.log(JSON.stringify({ text, tabs, requests, failures }));
} finally {
  await browser.close();
}
