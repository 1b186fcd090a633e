"""Reports random.choice([]) through unmodified pyrollbar: TOKEN URL. Prints the uuid."""
import random
import sys

import rollbar


class Site:
    def get_random_reviews(self, count=3, *args, **kw):
        reviews = []
        password = "hunter2 " * 2
        chosen = [len(password)][:0]
        for _ in range(count):
            chosen.append(random.choice(reviews))
        return chosen


def main(token, url):
    rollbar.init(token, "production", endpoint=url + "/api/1/", code_version="a1b2c3d", handler="blocking",
                 root=sys.path[0])
    sent = []
    rollbar.events.add_payload_handler(lambda payload, **kw: sent.append(payload["data"]["uuid"]) or payload)
    try:
        Site().get_random_reviews(3, "extra", k=5)
    except IndexError:
        rollbar.report_exc_info(extra_data={"order": 17})
    print(sent[0])


main(*sys.argv[1:])
