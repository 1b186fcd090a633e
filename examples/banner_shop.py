"""A shop whose banner table is empty: the bug of every first deploy.

It reports through the unmodified Sentry SDK; the DSN is the first argument. Point it at any server.
"""
import random
import sys

import sentry_sdk


def load_banners(shop):
    """The table was filled on the developer's machine only."""
    return []


def pick_banner(shop, limit=3):
    banners = load_banners(shop)
    chosen = []
    for _ in range(limit):
        chosen.append(random.choice(banners))
    return chosen


def home_page(shop, customer):
    card_number = " ".join(["4111"] * 4)  # a secret by its name: nobody gets to see its value
    return {"shop": shop, "banners": pick_banner(shop), "paid": bool(card_number)}


def main(dsn, release="1.4.2"):
    sentry_sdk.init(dsn, release=release, environment="production", traces_sample_rate=0)
    sentry_sdk.set_user({"id": "17", "username": "ada", "email": "ada@shop.example"})
    try:
        home_page("paris", customer="ada")
    except IndexError as error:
        event_id = sentry_sdk.capture_exception(error)
        sentry_sdk.flush(5)
        return event_id


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
