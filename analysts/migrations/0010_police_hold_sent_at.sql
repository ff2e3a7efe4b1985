-- A request has been sent once the referral to the police has had its notice.
UPDATE analysts_policehold AS hold SET sent_at = (
    SELECT min(referral.noticed_at) FROM analysts_referral AS referral
    WHERE referral.incident_id = hold.incident_id AND referral.to_id = hold.police_id AND referral.noticed_at >= hold.at
);
