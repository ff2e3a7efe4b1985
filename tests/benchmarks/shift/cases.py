"""The cases of the shift, as code that runs in the demonstration's own processes."""

BEGIN = """
import time
from datetime import timedelta
from django.test import override_settings
from django.utils import timezone
from analysts.assessment.intake import run as intake
from analysts.codes.appeals import Appellant
from analysts.models import DisplayPreferences, Incident, Recipient, User
from analysts.takedown.appeals.actions import file_appeal
from analysts.tests.factories import assessed_illegal, assessed_not_found
from analysts.tests.places import placed
from countries.models import Portal
from reports import receipts
from tests.rig.fixtures import send_report
now = timezone.now()
ana, ben, sena = (User.objects.get(username=name) for name in ("analyst", "analyst2", "senior"))
portal = Portal.objects.get(slug="bz")
words = {"description": "placeholder words of a reporter"}
letters = lambda number: chr(97 + number // 26) + chr(97 + number % 26)
def reported(address, hours):
    # The demo's own intake may be about to take it in.
    code = send_report(portal, address, now=now - timedelta(hours=hours), details=words)
    report = receipts.derive_credentials(code).receipt_id
    while not Incident.objects.filter(sightings__report=report).exists():
        intake.take_in()
        time.sleep(0.1)
    return Incident.objects.get(sightings__report=report)
def illegal(address, hours=2, by=ana):
    incident = reported(address, hours + 1)
    assessed_illegal(incident, by, now=now - timedelta(hours=hours))
    return Incident.objects.get(pk=incident.pk)
"""
# Sites of their own: those that differ in a number alone are nearly alike, and folded.
QUEUE = """
for number in range({number}):
    send_report(portal, f"https://shift{{letters(number)}}.example/gallery", details=words)
intake.take_in()
"""
ROWS = """
for number in range(30):
    send_report(portal, f"https://rows{letters(number)}.example/a-rather-long-path/{number}", details=words)
intake.take_in()
"""
DENSITY = """
DisplayPreferences.objects.update_or_create(user=ana, defaults={{"density": "{name}"}})
"""
ALONE = """
print(illegal(f"https://alone{{letters({number})}}.example/gallery").pk)
"""
ONE_HOST = """
provider = Recipient.objects.get(name="Placeholder Networks")
first = illegal("https://bulk.example/gallery/0", hours=4)
placed(first, "DE", provider, now=now - timedelta(hours=3))
for number in range(1, 5):
    incident = illegal(f"https://bulk.example/gallery/{number}", hours=3)
print(incident.pk)
"""
DISAGREEMENT = """
with override_settings(SECOND_REVIEW_PERCENT=100):
    incident = reported("https://disputed.example/gallery", 3)
    assessed_illegal(incident, ana, now=now - timedelta(hours=2))
    assessed_not_found(Incident.objects.get(pk=incident.pk), ben, now=now - timedelta(hours=1))
"""
CHECKS = """
provider = Recipient.objects.get(name="Placeholder Networks")
for number in range({number}):
    incident = illegal(f"https://check{{letters(number)}}.example/gallery", hours=6 * 24)
    placed(incident, "DE", provider, now=now - timedelta(days=5))
"""
APPEAL = """
incident = illegal("https://contested.example/gallery", by=ben)
file_appeal(by=ana, incident=incident, appellant=Appellant.OWNER, note="placeholder grounds")
"""
# More than are folded: the first ones that are alike stay as they are.
FLOOD = """
for number in range({number}):
    send_report(portal, f"https://flood{{number}}.example/gallery", details=words)
intake.take_in()
print(Incident.objects.filter(flood__isnull=False).exclude(flood=b"").count())
"""
POLICE = """
print(illegal("https://police.example/gallery").pk)
"""
