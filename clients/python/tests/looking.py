"""Where to look in a report."""


def innermost(report, exception=0):
    return report["exceptions"][exception]["frames"][-1]


def variables(frame):
    return {v["name"]: v["value"] for v in frame.get("variables", [])}
