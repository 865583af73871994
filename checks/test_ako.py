"""Step 6: AKO, as it will start and work on this site: each step that it takes, and what none of its steps tests."""

from intent import Environment
from intent.kinds.ako import AkoHole, AkoStep
from live.ako import require_step
from live.avi.snapshot import Live


def test_step(step: AkoStep, environment: Environment, live: Live) -> None:
    """Step {step} of AKO passes.

    Reads: cloud, cloud-inventory, cluster/runtime, ipamdnsproviderprofile, network, network-inventory, pool, role,
        serviceengine, serviceenginegroup, sslkeyandcertificate, systemconfiguration, tenant, user, useraccountprofile,
        vimgrnwruntime, virtualservice, vrfcontext, applicationprofile, networkprofile,
        sslprofile
    Severity: blocker
    Why: AKO takes its steps one after the other, and does not start where one fails; each says what it means.
    Do: do what is said of this step.
    """
    require_step(step, environment, live)


def test_hole(hole: AkoHole, environment: Environment, live: Live) -> None:
    """AKO is not hit by hole {hole}.

    Reads: cloud, cloud-inventory, cluster/runtime, ipamdnsproviderprofile, network, network-inventory, pool, role,
        serviceengine, serviceenginegroup, sslkeyandcertificate, systemconfiguration, tenant, user, useraccountprofile,
        vimgrnwruntime, virtualservice, vrfcontext, applicationprofile, networkprofile,
        sslprofile
    Severity: critical
    Why: no step of AKO tests it: AKO starts, and does not work; each says what it means.
    Do: do what is said of this hole.
    """
    require_step(hole, environment, live)
