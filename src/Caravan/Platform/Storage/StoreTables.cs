namespace Caravan.Platform.Storage;

/// <summary>How a table lies on Citus.</summary>
internal enum Spread
{
    /// <summary>Its rows lie with their tenant's, on one worker.</summary>
    ByTenant,

    /// <summary>A copy on every worker: it is asked before a tenant is known, or by everybody.</summary>
    Reference,

    /// <summary>On the coordinator alone: its order is that of the coordinator's transactions.</summary>
    Coordinator,
}

/// <summary>Rows of one table that name rows of another.</summary>
internal sealed record TableLink(string From, string Columns, string To, string Key);

/// <summary>All tables of Caravan in one place: how each is spread on Citus, and which rows name which. A test holds it against the migrations.</summary>
internal static class StoreTables
{
    /// <summary>Tables that do not simply lie with their tenant, and why.</summary>
    public static readonly IReadOnlyDictionary<string, (Spread Spread, string Because)> Exceptions = new Dictionary<string, (Spread, string)>
    {
        ["api_keys"] = (Spread.Reference, "found by a key's prefix before the tenant is known"),
        ["sessions"] = (Spread.Reference, "found by a cookie before the tenant is known"),
        ["signing_keys"] = (Spread.Reference, "sign access tokens of all companies; a handful of rows"),
        ["partners"] = (Spread.Reference, "companies deal with each other by name"),
        ["agreements"] = (Spread.Reference, "asked from both sides: by who grants and by who is granted"),
        ["locations"] = (Spread.Reference, "every server holds the whole network in memory, and it is small"),
        ["regions"] = (Spread.Reference, "as locations"),
        ["network_versions"] = (Spread.Reference, "as locations"),
        ["outbox"] = (Spread.Coordinator, "followed in the order of transactions, which only one node can number"),
        ["outbox_cursors"] = (Spread.Coordinator, "a subscriber's place in the outbox, and its claim"),
        ["outbox_parked"] = (Spread.Coordinator, "events of the outbox"),
        ["work_slots"] = (Spread.Coordinator, "who does background work, claimed with a row lock"),
        ["migrations"] = (Spread.Coordinator, "applied by the coordinator"),
    };

    /// <summary>Which rows name which. A row that names one that is not there is a fault.</summary>
    public static readonly IReadOnlyList<TableLink> Links =
    [
        new("agreements", "grantee", "partners", "tenant"),
        new("agreements", "tenant", "partners", "tenant"),
        new("api_keys", "tenant", "partners", "tenant"),
        new("items", "tenant", "partners", "tenant"),
        new("rate_plans", "tenant", "partners", "tenant"),
        new("item_substitutes", "tenant, item", "items", "tenant, id"),
        new("item_substitutes", "tenant, substitute", "items", "tenant, id"),
        new("locations", "tenant", "partners", "tenant"),
        new("feed_mappings", "tenant, feed", "feeds", "tenant, id"),
        new("feed_documents", "tenant, feed", "feeds", "tenant, id"),
        new("feed_parts", "tenant, document", "feed_intakes", "tenant, document"),
        new("feed_formats", "tenant, feed", "feeds", "tenant, id"),
        new("feed_connections", "tenant", "partners", "tenant"),
        new("feed_lines_rejected", "tenant, document", "feed_documents", "tenant, id"),
        new("stock_cells", "tenant, item", "items", "tenant, id"),
        new("stock_movements", "tenant, item, location", "stock_cells", "tenant, item, location"),
        new("stock_lots", "tenant, item, location", "stock_cells", "tenant, item, location"),
        new("stock_lot_movements", "tenant, lot", "stock_lots", "tenant, id"),
        new("stock_lot_picks", "tenant, lot", "stock_lots", "tenant, id"),
        new("stock_transfer_lots", "tenant, transfer, item", "stock_transfer_lines", "tenant, transfer, item"),
        new("stock_shortfalls", "tenant, item, location", "stock_cells", "tenant, item, location"),
        new("safety_rules", "tenant", "partners", "tenant"),
        new("stop_sells", "tenant", "partners", "tenant"),
        new("sourcing_rules", "tenant", "partners", "tenant"),
        new("sourcing_simulations", "tenant, rules", "sourcing_rules", "tenant, id"),
        new("supply_exceptions", "tenant", "partners", "tenant"),
        new("figure_counts", "tenant", "partners", "tenant"),
        new("figure_distances", "tenant", "partners", "tenant"),
        new("figure_stock", "tenant", "partners", "tenant"),
        new("figure_orders", "tenant, order_id", "orders", "tenant, id"),
        new("release_rules", "tenant", "partners", "tenant"),
        new("node_releases", "tenant, order_id", "orders", "tenant, id"),
        new("quotas", "tenant", "partners", "tenant"),
        new("quota_counts", "tenant, quota", "quotas", "tenant, id"),
        new("quota_uses", "tenant, quota", "quotas", "tenant, id"),
        new("supplies", "tenant, item", "items", "tenant, id"),
        new("back_orders", "tenant, order_id, line", "order_lines", "tenant, order_id, line"),
        new("orders", "tenant", "partners", "tenant"),
        new("order_lines", "tenant, order_id", "orders", "tenant, id"),
        new("orders", "tenant, id", "order_lines", "tenant, order_id"),
        new("fulfilments", "tenant, order_id", "orders", "tenant, id"),
        new("allocations", "tenant, fulfilment", "fulfilments", "tenant, id"),
        new("allocations", "tenant, order_id, line", "order_lines", "tenant, order_id, line"),
        new("claims", "tenant, item, location", "stock_cells", "tenant, item, location"),
        new("claims", "seller, fulfilment", "fulfilments", "tenant, id"),
        new("returns", "tenant, order_id", "orders", "tenant, id"),
        new("return_parties", "seller, return_id", "returns", "tenant, id"),
        new("return_lines", "tenant, return_id", "returns", "tenant, id"),
        new("return_parts", "tenant, return_id, line", "return_lines", "tenant, return_id, line"),
        new("return_receipts", "tenant, return_id, line", "return_lines", "tenant, return_id, line"),
        new("return_grades", "tenant, return_id, line", "return_lines", "tenant, return_id, line"),
        new("edi_partners", "tenant", "partners", "tenant"),
        new("edi_messages", "tenant, interchange", "edi_interchanges", "tenant, id"),
        new("edi_orders", "tenant, order_id", "orders", "tenant, id"),
        new("edi_told", "tenant, fulfilment", "fulfilments", "tenant, id"),
        new("edi_releases", "tenant, pick_list", "pick_lists", "tenant, id"),
        new("pick_lists", "order_tenant, order_id", "orders", "tenant, id"),
        new("pick_lines", "tenant, pick_list", "pick_lists", "tenant, id"),
        new("pick_parcels", "tenant, pick_list", "pick_lists", "tenant, id"),
        new("sscc_ranges", "tenant", "partners", "tenant"),
        new("station_lists", "operator, pick_list", "pick_lists", "tenant, id"),
        new("route_stops", "tenant, courier", "couriers", "tenant, id"),
        new("route_stops", "job_tenant, job", "jobs", "tenant, id"),
    ];

    public static Spread SpreadOf(string table) => Exceptions.TryGetValue(table, out var exception) ? exception.Spread : Spread.ByTenant;
}
