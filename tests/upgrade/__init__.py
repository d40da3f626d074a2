"""Tests of updates from the previous release to this one.

The previous release is the code as it was when the service had moved its jobs to DynamoDB. It is the last
commit of that work, which included the simulator. Until counting began, no later commit changed what the
service or the pipeline stores. `previous_release.tar.xz` has the template, state machine and functions:

    git archive --format=tar b2059720abf0033941cc7a5e85be912f95fcef4a template.yaml statemachine functions \\
        | xz -9e > tests/upgrade/previous_release.tar.xz

`stored/` has what that release stored about one video. `python -m tests.upgrade.storing` makes it.
"""
