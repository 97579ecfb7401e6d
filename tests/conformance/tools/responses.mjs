// Reads responses, as a JSON list on stdin, and prints what openapi-response-validator finds in each: [[error, …], …].

import OpenAPIResponseValidator from "openapi-response-validator";
import { readFileSync } from "node:fs";

const Validator = OpenAPIResponseValidator.default;
const { components, received } = JSON.parse(readFileSync(0));

const errors = received.map(({ schema, status, body }) => {
  const validator = new Validator({ responses: { [status]: { schema } }, components });
  return validator.validateResponse(status, body)?.errors ?? [];
});
console.log(JSON.stringify(errors));
