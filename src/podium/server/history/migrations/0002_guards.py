"""The triggers that keep events and the ends of chains from being changed; no model says anything of them."""

from django.db import migrations

from podium.server.history.guards import install_guards, remove_guards


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial")]

    operations = [migrations.RunPython(install_guards, remove_guards)]
