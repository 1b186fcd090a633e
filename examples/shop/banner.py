"""Which banners a page shows."""
import random

from shop import db


def pick_banners(connection, shop, count=1):
    """So many banners of that shop, one for each place on the page."""
    banners = db.banners(connection, shop)
    chosen = []
    for _ in range(count):
        chosen.append(random.choice(banners))
    return chosen
