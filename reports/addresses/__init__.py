"""The web addresses in a reporter's text: finding, normalising, comparing, and writing them so that they are no links.

Pure text: nothing here may resolve, fetch or open anything. Addresses are read as a browser reads them (can_ada,
WHATWG URL); the bundled public suffix list says where a site begins. Nothing is cached, and the parts of an
address stay out of its `repr`: either would keep reporters' words in memory or in a log.

Where a choice had to be made, one address too many beats one lost:

* A host without a scheme needs a known suffix. A run-on such as "hello.It" is found all the same, and a sentence that
  runs on after a host ("example.com.Please") is cut off.
* `[.]`, `(.)`, `{.}` and their spelt forms `[dot]`, `(dot)`, `{dot}` are dots, with or without spaces around. A bare
  " dot " or " . " is prose.
* A host inside an identifier (`@name:host`, `#room:host`, `@name.host`, "username: name.host") is part of a name, and
  passed over. So is a link with names in the place of its host (`at://did:plc:abc/...`), which names an account.
* In free words a bare host is no address (`find_in_words`): it may be a name, or two sentences without a blank.
* E-mail addresses, and `mailto:`, `data:`, `javascript:` and `file:` URIs, name no place on a network and are passed
  over; an http address written out inside one is still found.
* A host without a scheme is taken to be http, which sites answer or redirect.
* Everything is part of the address but what `data/harmless.toml` knows to be harmless: fragments and parameters too.
* A line that is one whole address is one item, read as the URL standard says, invisible characters inside it included.
  Punctuation at its end is left out of the address and kept in `Address.reported`. A path may contain blanks where the
  line ends like a file, and may go on in the next line where it breaks off at a sign such as "-" or "&".
* A port that does not exist is left out, and the path stays.
"""

from reports.addresses.accounts import Account, account_keys, accounts_of, find_accounts, names_app, without_accounts
from reports.addresses.address import Address, AddressChange, AddressKind
from reports.addresses.apps import mentions_account
from reports.addresses.defanging import defang_address
from reports.addresses.finding import find_addresses, find_in_words, find_spellings, mask_addresses
from reports.addresses.harmless import TRACKING_PARAMETERS
from reports.addresses.masking import HIDDEN, mask_all_but_suffix
from reports.addresses.steps import NormalisationStep, normalisation_steps

__all__ = [
    "HIDDEN",
    "TRACKING_PARAMETERS",
    "Account",
    "Address",
    "AddressChange",
    "AddressKind",
    "NormalisationStep",
    "account_keys",
    "accounts_of",
    "defang_address",
    "find_accounts",
    "find_addresses",
    "find_in_words",
    "find_spellings",
    "mask_addresses",
    "mask_all_but_suffix",
    "mentions_account",
    "names_app",
    "normalisation_steps",
    "without_accounts",
]
