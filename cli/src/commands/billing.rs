//! `eloq billing`: pricing plans and the subscription.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::output::Columns;
use crate::prompt::confirm;

const COLUMNS: Columns = &[
    ("base_plan.plan_name", "PLAN"),
    ("base_plan.base_price", "PRICE"),
    ("base_plan.currency", "CURRENCY"),
    ("base_plan.billing_period", "PERIOD"),
    ("base_plan.included_compute_hours", "COMPUTE HOURS"),
    ("base_plan.included_storage_gb", "STORAGE GB"),
    ("base_plan.included_network_gb", "NETWORK GB"),
    ("base_plan.included_projects", "PROJECTS"),
    ("base_plan.description", "DESCRIPTION"),
];
const SUBSCRIBED_COLUMNS: Columns = &[("plan_id", "PLAN ID"), ("message", "MESSAGE")];

#[derive(Debug, Args)]
pub(crate) struct BillingArgs {
    #[command(subcommand)]
    command: BillingCommand,
}

#[derive(Debug, Subcommand)]
enum BillingCommand {
    /// List the pricing plans
    Plans,
    /// Show the plan of the account
    Subscription,
    /// Subscribe to a plan, which can cost money
    Subscribe {
        /// Id of the plan, from the dashboard
        #[arg(value_name = "ID")]
        plan_id: i64,
    },
}

pub(crate) async fn run(context: &Context, args: BillingArgs) -> Result {
    let client = context.account_client()?;
    match args.command {
        BillingCommand::Plans => {
            let mut rows = context.printer.rows(COLUMNS);
            for plan in client.list_pricing_plans().await? {
                rows.push(&plan)?;
            }
            rows.finish()
        }
        BillingCommand::Subscription => context.printer.object(COLUMNS, &client.user_subscription().await?),
        BillingCommand::Subscribe { plan_id } => {
            #[derive(Serialize)]
            struct Subscribed {
                plan_id: i64,
                message: String,
            }

            confirm(context, "Subscribing to a plan can cost money.", &plan_id.to_string()).await?;
            let check = context.command_line(&["billing", "subscription"]);
            context.set_next(&*check);
            let result = client.subscribe_plan(plan_id).await.into_result();
            let message = result.map_err(|error| Failure::from(error).next(check))?;
            context.printer.object(SUBSCRIBED_COLUMNS, &Subscribed { plan_id, message })
        }
    }
}
