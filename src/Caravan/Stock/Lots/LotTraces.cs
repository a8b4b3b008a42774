using Caravan.Platform.Storage;

namespace Caravan.Stock.Lots;

/// <summary>How many units of a lot a fulfilment order has, and where they are.</summary>
internal sealed record LotTrace
{
    public LotId Lot { get; init; }
    public string Code { get; init; } = "";
    public string? ExpiresOn { get; init; }
    public FulfilmentId Fulfilment { get; init; }
    public ItemId Item { get; init; }
    public LocationId Location { get; init; }
    public int Picked { get; init; }
    public int Shipped { get; init; }
}

/// <summary>Which order got which lot, in SQL.</summary>
internal static class LotTraces
{
    private const string OrderColumns = "p.lot, l.code, p.item, p.location, p.seller, p.order_id AS \"order\", p.fulfilment, p.picked, p.shipped, p.returned, p.passed_over, p.at";

    /// <summary>What a fulfilment order has of a cell, what was picked last first.</summary>
    public static Task<List<LotTrace>> OfCellAsync(Db db, StockKey key, FulfilmentId fulfilment) => db.QueryAsync<LotTrace>(
        """
        SELECT lot, fulfilment, item, location, picked, shipped FROM stock_lot_picks
        WHERE tenant = @Owner AND fulfilment = @fulfilment AND item = @Item AND location = @Location ORDER BY at DESC, lot DESC
        """,
        new { key.Owner, key.Item, key.Location, fulfilment });

    /// <summary>What fulfilment orders have of an owner's lots.</summary>
    public static Task<List<LotTrace>> OfFulfilmentsAsync(Db db, PartnerId owner, IEnumerable<FulfilmentId> fulfilments) => db.QueryAsync<LotTrace>(
        """
        SELECT p.lot, l.code, l.expires_on, p.fulfilment, p.item, p.location, p.picked, p.shipped FROM stock_lot_picks p JOIN stock_lots l ON l.tenant = p.tenant AND l.id = p.lot
        WHERE p.tenant = @owner AND p.fulfilment IN @keys ORDER BY p.fulfilment, p.at, p.lot
        """,
        new { owner, keys = fulfilments.ToKeys(db) });

    public static Task PickedAsync(Tx tx, StockKey key, LotClaim claim, LotId lot, int units, int passedOver) => tx.ExecuteAsync(
        """
        INSERT INTO stock_lot_picks (tenant, fulfilment, lot, item, location, seller, order_id, picked, shipped, returned, passed_over, at)
        VALUES (@Owner, @Fulfilment, @lot, @Item, @Location, @Seller, @Order, @units, 0, 0, @passedOver, @now)
        ON CONFLICT (tenant, fulfilment, lot) DO UPDATE SET picked = stock_lot_picks.picked + excluded.picked, passed_over = stock_lot_picks.passed_over + excluded.passed_over
        """,
        new { key.Owner, claim.Fulfilment, lot, key.Item, key.Location, claim.Seller, claim.Order, units, passedOver, now = tx.Now });

    public static Task MoveAsync(Tx tx, PartnerId owner, FulfilmentId fulfilment, LotId lot, int picked, int shipped, int returned) => tx.ExecuteAsync(
        "UPDATE stock_lot_picks SET picked = picked + @picked, shipped = shipped + @shipped, returned = returned + @returned WHERE tenant = @owner AND fulfilment = @fulfilment AND lot = @lot",
        new { owner, fulfilment, lot, picked, shipped, returned });

    /// <summary>Who got some of a code, wherever it lay; those after a cursor.</summary>
    public static Task<List<LotOrder>> OrdersAsync(Db db, PartnerId owner, ItemId item, string code, (FulfilmentId Fulfilment, LotId Lot) after, int count) => db.QueryAsync<LotOrder>(
        $"""
        SELECT {OrderColumns} FROM stock_lots l JOIN stock_lot_picks p ON p.tenant = l.tenant AND p.lot = l.id
        WHERE l.tenant = @owner AND l.item = @item AND l.code = @code AND (p.fulfilment, p.lot) > (@Fulfilment, @Lot) AND p.picked + p.shipped + p.returned > 0
        ORDER BY p.fulfilment, p.lot LIMIT @count
        """,
        new { owner, item, code, after.Fulfilment, after.Lot, count });

    /// <summary>The lots of an owner's that an order got.</summary>
    public static Task<List<LotOrder>> OfOrderAsync(Db db, PartnerId owner, OrderId order) => db.QueryAsync<LotOrder>(
        $"""
        SELECT {OrderColumns} FROM stock_lot_picks p JOIN stock_lots l ON l.tenant = p.tenant AND l.id = p.lot
        WHERE p.tenant = @owner AND p.order_id = @order AND p.picked + p.shipped + p.returned > 0 ORDER BY p.fulfilment, p.lot
        """,
        new { owner, order });
}
