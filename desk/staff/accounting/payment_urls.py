"""Addresses of payments, bank statements and invoices, under /accounting/."""

from django.urls import path

from desk.staff.accounting import imports, invoices, payments

urlpatterns = [
    path("payments/", payments.index, name="payments"),
    path("payments/new/", payments.new, name="payment_new"),
    path("payments/<int:payment_id>/", payments.payment, name="payment"),
    path("payments/<int:payment_id>/match", payments.match, name="match"),
    path("payments/<int:payment_id>/deposit", payments.deposit, name="deposit"),
    path("payments/<int:payment_id>/return", payments.send_back, name="send_back"),
    path("imports/", imports.index, name="imports"),
    path("imports/preview", imports.preview, name="import_preview"),
    path("imports/import", imports.take, name="import"),
    path("imports/mappings/new/", imports.mapping, name="mapping_new"),
    path("imports/mappings/<int:mapping_id>/", imports.mapping, name="mapping"),
    path("invoices/", invoices.index, name="invoices"),
    path("invoices/<int:invoice_id>/", invoices.invoice, name="invoice"),
    path("invoices/<int:invoice_id>/cancel", invoices.cancel, name="cancel_invoice"),
    path(
        "invoices/<int:invoice_id>/pdf", invoices.invoice_file, {"form": "pdf"}, name="invoice_pdf"
    ),
    path(
        "invoices/<int:invoice_id>/xlsx",
        invoices.invoice_file,
        {"form": "xlsx"},
        name="invoice_xlsx",
    ),
    path("partners/<int:partner_id>/invoice/", invoices.new, name="invoice_new"),
]
