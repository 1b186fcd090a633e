//! Reports through unmodified sentry for Rust: DSN RELEASE KIND. Prints the event id.
mod shop;

use anyhow::Context;
use sentry::protocol::{Breadcrumb, Event, User};
use shop::{Pick, Shop};

#[inline(never)]
fn counted(shop: &Shop<&'static str>) -> anyhow::Result<usize> {
    shop.pick("many").context("counting banners")
}

fn report(kind: &str) {
    let paris = Shop::<&'static str> { banners: vec![] };
    match kind {
        "panic" => drop(paris.first(2)),
        "elsewhere" => drop(paris.only()),
        "unwrap" => drop(paris.last()),
        "foreign panic" => drop(paris.store(3)),
        "thread" => drop(
            std::thread::Builder::new()
                .name("worker".into())
                .spawn(move || paris.first(2))
                .unwrap()
                .join(),
        ),
        "error" => drop(sentry::capture_error(&paris.pick("many").unwrap_err())),
        "anyhow" => drop(sentry_anyhow::capture_anyhow(&counted(&paris).unwrap_err())),
        "message" => drop(sentry::capture_message(
            "stock of paris is low",
            sentry::Level::Warning,
        )),
        _ => unreachable!("no such kind: {kind}"),
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let options = sentry::ClientOptions::new()
        .dsn(&arguments[1])
        .release(arguments[2].clone())
        .environment("production")
        .server_name("web-1")
        .attach_stacktrace(arguments[3] != "error")
        .before_send(|event: Event<'static>| {
            println!("{}", event.event_id.simple());
            Some(event)
        });
    let guard = sentry::init(options);
    sentry::configure_scope(|scope| {
        scope.set_user(Some(User {
            id: Some("17".into()),
            username: Some("ada".into()),
            email: Some("ada@shop.example".into()),
            other: [("plan".to_string(), "gold".into())].into(),
            ..Default::default()
        }));
        scope.set_tag("shop", "paris");
        scope.set_extra("order", 17.into());
    });
    sentry::add_breadcrumb(Breadcrumb {
        category: Some("cart".into()),
        message: Some("two added".into()),
        ..Default::default()
    });
    let kind = arguments[3].clone();
    drop(std::panic::catch_unwind(|| report(&kind)));
    drop(guard);
}
