"""What the check proves of refunds, expiry, payments, invoices, papers and acts.

Each proof is one statement that finds nothing where all is right; `desk.deposits.checks` runs them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Proof:
    """A query that finds nothing in a right ledger: subject first, then what the sentence says.

    One statement each, so that it sees one moment also while the desk is running.
    """

    code: str
    sentence: str
    query: str


OF_ENDINGS = (
    Proof(
        "refund_over",
        "Of lot {1} ({2}), {4} of {3} units were refunded at a price of {5} kopecks.",
        """SELECT 'deposit:' || lot.partner_id, lot.id, lot.source, lot.quantity, SUM(line.amount),
                  lot.unit_price_kopecks
           FROM deposits_line line JOIN deposits_lot lot ON lot.id = line.lot_id
           WHERE line.account = 'refunded' GROUP BY lot.id
           HAVING SUM(line.amount) > lot.quantity OR lot.source = 'bonus'
               OR lot.unit_price_kopecks = 0""",
    ),
    Proof(
        "refund_approved",
        "Transaction {1} refunded {3} units of lot {2}; the approved refund of it says {4}.",
        """SELECT 'deposit:' || COALESCE(moved.partner_id, r.partner_id),
                  COALESCE(moved.transaction_id, r.transaction_id),
                  COALESCE(moved.lot_id, r.lot_id), COALESCE(moved.amount, 0),
                  COALESCE(r.quantity, 0)
           FROM (SELECT * FROM deposits_refund WHERE outcome = 'approved') r
           FULL JOIN (SELECT transaction_id, lot_id, MIN(partner_id) AS partner_id,
                             SUM(amount) AS amount
                      FROM deposits_line WHERE account = 'refunded'
                      GROUP BY transaction_id, lot_id) moved
             ON moved.transaction_id = r.transaction_id AND moved.lot_id = r.lot_id
           WHERE COALESCE(moved.amount, 0) <> COALESCE(r.quantity, 0)""",
    ),
    Proof(
        "refund_money",
        "Refund {1} gives {2} kopecks back for units that cost {3}.",
        """SELECT 'deposit:' || r.partner_id, r.id, r.kopecks, r.quantity * lot.unit_price_kopecks
           FROM deposits_refund r JOIN deposits_lot lot ON lot.id = r.lot_id
           WHERE r.kopecks <> r.quantity * lot.unit_price_kopecks
              OR r.partner_id <> lot.partner_id""",
    ),
    Proof(
        "refund_paid",
        "The money of refund {1} was sent, and nobody had approved it.",
        """SELECT 'deposit:' || r.partner_id, r.id FROM deposits_payout p
           JOIN deposits_refund r ON r.id = p.refund_id
           WHERE r.outcome IS DISTINCT FROM 'approved'""",
    ),
    Proof(
        "expiry_early",
        "Transaction {1} let units of lot {2} expire on {3}; they were good until {4}.",
        """SELECT DISTINCT 'deposit:' || posted.partner_id, posted.id, line.lot_id,
                  posted.facts ->> 'on', posted.facts ->> 'expires_on'
           FROM deposits_line line
           JOIN deposits_transaction posted ON posted.id = line.transaction_id
           JOIN deposits_lot lot ON lot.id = line.lot_id
           WHERE line.account = 'expired' AND (
               posted.facts ->> 'lot' IS DISTINCT FROM line.lot_id::text
               OR lot.expires_on IS NULL
               OR (posted.facts ->> 'expires_on')::date > lot.expires_on
               OR ((posted.facts ->> 'on')::date > (posted.facts ->> 'expires_on')::date)
                  IS NOT TRUE
               OR (posted.facts ->> 'on')::date > (posted.at AT TIME ZONE 'UTC')::date + 1)""",
    ),
    Proof(
        "ledger_running",
        "After transaction {1} the balance kept is {2}; the lines say {3}.",
        """SELECT 'deposit:' || COALESCE(told.partner_id, kept.partner_id),
                  COALESCE(told.id, kept.transaction_id),
                  ROW(kept.consultations_available, kept.consultations_held,
                      kept.money_available_kopecks, kept.money_held_kopecks)::text,
                  ROW(told.units, told.units_held, told.kopecks, told.kopecks_held)::text
           FROM deposits_balanceafter kept FULL JOIN (
               SELECT id, partner_id, at, SUM(units) OVER so_far AS units,
                      SUM(units_held) OVER so_far AS units_held,
                      SUM(kopecks) OVER so_far AS kopecks,
                      SUM(kopecks_held) OVER so_far AS kopecks_held
               FROM (SELECT posted.id, posted.partner_id, posted.at,
                            SUM(CASE WHEN commodity = 'consultations' AND account = 'available'
                                THEN amount ELSE 0 END) AS units,
                            SUM(CASE WHEN commodity = 'consultations' AND account = 'held'
                                THEN amount ELSE 0 END) AS units_held,
                            SUM(CASE WHEN commodity = 'money' AND account = 'available'
                                THEN amount ELSE 0 END) AS kopecks,
                            SUM(CASE WHEN commodity = 'money' AND account = 'held'
                                THEN amount ELSE 0 END) AS kopecks_held
                     FROM deposits_line line
                     JOIN deposits_transaction posted ON posted.id = line.transaction_id
                     JOIN deposits_lot lot ON lot.id = line.lot_id
                     GROUP BY posted.id) moved
               WINDOW so_far AS (PARTITION BY partner_id ORDER BY at, id
                                 ROWS UNBOUNDED PRECEDING)) told
             ON told.id = kept.transaction_id
           WHERE kept.consultations_available IS DISTINCT FROM told.units
              OR kept.consultations_held IS DISTINCT FROM told.units_held
              OR kept.money_available_kopecks IS DISTINCT FROM told.kopecks
              OR kept.money_held_kopecks IS DISTINCT FROM told.kopecks_held
              OR kept.partner_id <> told.partner_id OR kept.at <> told.at""",
    ),
)

OF_PAYMENTS = (
    Proof(
        "payment_split",
        "Of payment {1}, {2} kopecks came and {3} are left; {4} were booked.",
        """SELECT 'payment:' || p.id, p.id, p.amount_kopecks, p.left_kopecks,
                  COALESCE(SUM(a.amount_kopecks), 0)
           FROM deposits_payment p LEFT JOIN deposits_allocation a ON a.payment_id = p.id
           GROUP BY p.id
           HAVING p.amount_kopecks - p.left_kopecks <> COALESCE(SUM(a.amount_kopecks), 0)""",
    ),
    Proof(
        "payment_booked",
        "{2} kopecks of payment {1} were booked; transaction {3} of it brought {4}.",
        """SELECT 'deposit:' || a.partner_id, a.payment_id, a.amount_kopecks, a.transaction_id,
                  COALESCE(-SUM(line.amount * lot.unit_price_kopecks), 0)
           FROM deposits_allocation a
           LEFT JOIN deposits_line line
             ON line.transaction_id = a.transaction_id AND line.account = 'issued'
           LEFT JOIN deposits_lot lot ON lot.id = line.lot_id
           GROUP BY a.id
           HAVING COALESCE(-SUM(line.amount * lot.unit_price_kopecks), 0) <> a.amount_kopecks
               OR COUNT(*) FILTER (WHERE line.partner_id <> a.partner_id) > 0""",
    ),
    Proof(
        "invoice_paid",
        "Invoice {1} says that {2} of {3} kopecks were paid; {4} were booked for it.",
        """SELECT 'deposit:' || i.partner_id, i.paper_id, i.paid_kopecks, i.total_kopecks,
                  COALESCE(SUM(a.amount_kopecks), 0)
           FROM deposits_invoice i LEFT JOIN deposits_allocation a ON a.invoice_id = i.paper_id
           GROUP BY i.paper_id
           HAVING i.paid_kopecks <> COALESCE(SUM(a.amount_kopecks), 0)
               OR (i.paid_at IS NULL) <> (i.paid_kopecks < i.total_kopecks)
               OR (i.cancelled_at IS NOT NULL AND COUNT(a.id) > 0)
               OR COUNT(*) FILTER (WHERE a.partner_id <> i.partner_id) > 0""",
    ),
    Proof(
        "invoice_bought",
        "Invoice {1} says that {2} of {3} units were bought; its payments brought {4}.",
        # What a booking's entry entailed: the purchase, and rests that became units with it.
        """SELECT 'deposit:' || i.partner_id, i.paper_id, i.bought, i.quantity,
                  COALESCE(-SUM(line.amount), 0)
           FROM deposits_invoice i
           LEFT JOIN deposits_allocation a ON a.invoice_id = i.paper_id
           LEFT JOIN deposits_transaction booked ON booked.id = a.transaction_id
           LEFT JOIN journal_entry e ON e.id = booked.entry_id
           LEFT JOIN journal_entry entailed ON entailed.parent_id = e.parent_id
           LEFT JOIN deposits_transaction posted
             ON posted.entry_id = entailed.id AND posted.verb IN ('buy', 'convert')
           LEFT JOIN (SELECT line.transaction_id, line.amount FROM deposits_line line
                      JOIN deposits_lot lot ON lot.id = line.lot_id
                      WHERE line.account = 'issued' AND lot.commodity = 'consultations') line
             ON line.transaction_id = posted.id
           WHERE i.purpose = 'consultations' GROUP BY i.paper_id
           HAVING i.bought <> COALESCE(-SUM(line.amount), 0)""",
    ),
)

OF_PAPERS = (
    Proof(
        "paper_gap",
        "Company {1} has {4} papers of {2} {3}, numbered {5} to {6}; the last number is {7}.",
        """SELECT 'company:' || COALESCE(s.company_id, p.company_id),
                  COALESCE(s.company_id, p.company_id), COALESCE(s.kind, p.kind),
                  COALESCE(s.year, p.year), COALESCE(p.papers, 0), p.first, p.latest, s.last
           FROM deposits_series s FULL JOIN (
               SELECT company_id, kind, year, COUNT(DISTINCT sequence) AS papers,
                      MIN(sequence) AS first, MAX(sequence) AS latest
               FROM deposits_paper GROUP BY company_id, kind, year) p
             ON p.company_id = s.company_id AND p.kind = s.kind AND p.year = s.year
           WHERE s.id IS NULL OR COALESCE(p.papers, 0) <> s.last
              OR COALESCE(p.first, 1) <> 1 OR COALESCE(p.latest, 0) <> s.last""",
    ),
    Proof(
        "act_line",
        "Act {1} settles {3} kopecks of transaction {2}, which earned {4}.",
        """SELECT 'paper:' || l.paper_id, paper.number, l.transaction_id, l.kopecks,
                  COALESCE(SUM(line.amount * lot.unit_price_kopecks), 0)
           FROM deposits_actline l
           JOIN deposits_paper paper ON paper.id = l.paper_id
           LEFT JOIN deposits_line line
             ON line.transaction_id = l.transaction_id AND line.account = 'earned'
           LEFT JOIN deposits_lot lot ON lot.id = line.lot_id
           GROUP BY l.id, paper.number, paper.partner_id
           HAVING l.kopecks <> COALESCE(SUM(line.amount * lot.unit_price_kopecks), 0)
               OR COUNT(*) FILTER (WHERE line.partner_id <> paper.partner_id) > 0""",
    ),
    Proof(
        "act_total",
        "Act {1} comes to {2} kopecks; its lines come to {3}.",
        """SELECT 'paper:' || p.id, p.number, p.total_kopecks, COALESCE(SUM(l.kopecks), 0)
           FROM deposits_paper p LEFT JOIN deposits_actline l ON l.paper_id = p.id
           WHERE p.kind = 'act' GROUP BY p.id
           HAVING p.total_kopecks <> COALESCE(SUM(l.kopecks), 0)""",
    ),
    Proof(
        "act_twice",
        "The charge {1} stands on {2} acts in force.",
        """SELECT 'deposit:' || MIN(posted.partner_id), l.transaction_id, COUNT(*)
           FROM deposits_actline l JOIN deposits_transaction posted ON posted.id = l.transaction_id
           WHERE l.in_force GROUP BY l.transaction_id HAVING COUNT(*) > 1""",
    ),
    Proof(
        "act_cancelled",
        "Act {1} is cancelled: {2}; its line of transaction {3} is in force: {4}.",
        """SELECT 'paper:' || p.id, p.number, c.id IS NOT NULL, l.transaction_id, l.in_force
           FROM deposits_actline l JOIN deposits_paper p ON p.id = l.paper_id
           LEFT JOIN deposits_paper c ON c.cancels_id = p.id
           WHERE l.in_force = (c.id IS NOT NULL)""",
    ),
)

OF_PERIODS = (
    Proof(
        "period_touched",
        "{2} is dated in the month {1}, and came after that was closed.",
        """SELECT 'company:' || p.company_id, to_char(p.first_on, 'YYYY-MM'), late.what
           FROM deposits_period p JOIN (
               SELECT company_id, issued_on AS on_day, issued_at AS at, 'Paper ' || number AS what
               FROM deposits_paper
               UNION ALL
               SELECT company_id, paid_on, at, 'Payment ' || id FROM deposits_payment) late
             ON late.company_id = p.company_id AND late.at > p.closed_at
            AND late.on_day >= p.first_on AND late.on_day < p.first_on + INTERVAL '1 month'""",
    ),
    Proof(
        "period_figures",
        "In the closed month {1}, partner {2} has {4} of {3}; {5} were noted when it was closed.",
        # Earned is kept by partner in the figures of that moment: nothing was booked into it since.
        f"""SELECT 'company:' || p.company_id, to_char(p.first_on, 'YYYY-MM'), kept.partner,
                  figure.name, COALESCE((moved.figures ->> figure.name)::bigint, 0),
                  (kept.figures ->> figure.name)::bigint
           FROM deposits_period p
           CROSS JOIN LATERAL jsonb_each(p.figures -> 'partners') AS kept(partner, figures)
           CROSS JOIN (VALUES ('sold_kopecks'), ('earned_kopecks'), ('refunded_kopecks'),
                              ('expired_kopecks'), ('adjusted_kopecks')) AS figure(name)
           LEFT JOIN (
               SELECT posted.partner_id::text AS partner,
                      date_trunc('month', posted.at AT TIME ZONE '{settings.TIME_ZONE}')::date
                          AS month,
                      jsonb_build_object(
                          'sold_kopecks', -SUM(worth) FILTER (WHERE account = 'issued'),
                          'earned_kopecks', SUM(worth) FILTER (WHERE account = 'earned'),
                          'refunded_kopecks', SUM(worth) FILTER (WHERE account = 'refunded'),
                          'expired_kopecks', SUM(worth) FILTER (WHERE account = 'expired'),
                          'adjusted_kopecks', -SUM(worth) FILTER (WHERE account = 'adjusted'))
                          AS figures
               FROM deposits_transaction posted
               JOIN (SELECT line.transaction_id, account, amount * unit_price_kopecks AS worth
                     FROM deposits_line line JOIN deposits_lot lot ON lot.id = line.lot_id) line
                 ON line.transaction_id = posted.id
               GROUP BY 1, 2) moved
             ON moved.partner = kept.partner AND moved.month = p.first_on
           WHERE (kept.figures ->> figure.name)::bigint
                 <> COALESCE((moved.figures ->> figure.name)::bigint, 0)""",  # noqa: S608
    ),
)
