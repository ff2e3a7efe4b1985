"""Classes of Django with the type parameters of their stubs, which Django itself refuses at run time.

class PortalForm(ModelForm[Portal]):
"""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.db import models

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as ModelAdmin
    from django.contrib.admin import StackedInline as StackedInline
    from django.db.models import DateTimeField as DateTimeField
    from django.forms import ModelChoiceField as ModelChoiceField
    from django.forms import ModelForm as ModelForm
    from django.forms import ModelMultipleChoiceField as ModelMultipleChoiceField
else:

    class Subscriptable:
        def __class_getitem__(cls, parameters: object) -> type:
            return cls

    class ModelAdmin(Subscriptable, admin.ModelAdmin):
        pass

    class StackedInline(Subscriptable, admin.StackedInline):
        pass

    class ModelForm(Subscriptable, forms.ModelForm):
        pass

    class DateTimeField(Subscriptable, models.DateTimeField):
        pass

    class ModelChoiceField(Subscriptable, forms.ModelChoiceField):
        pass

    class ModelMultipleChoiceField(Subscriptable, forms.ModelMultipleChoiceField):
        pass
