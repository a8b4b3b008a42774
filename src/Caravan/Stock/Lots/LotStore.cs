using System.Globalization;
using Caravan.Platform.Storage;

namespace Caravan.Stock.Lots;

/// <summary>Lots and what movements did to them, in SQL.</summary>
internal static class LotStore
{
    private const string Columns =
        "l.tenant, l.id, l.item, l.location, l.code, l.expires_on, l.minimum_days, l.sell_until, l.received_at, l.on_hand, l.picked, l.returned, l.is_past, l.hold_reason, l.hold_note, l.held_by, l.held_at, l.is_held_everywhere";

    public static async Task<StockLot?> FindAsync(Db db, PartnerId owner, LotId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM stock_lots l WHERE l.tenant = @owner AND l.id = @id", new { owner, id }))?.ToLot();

    /// <summary>The lots of a cell of which something is here, and those that are named.</summary>
    public static async Task<LotShelf> ShelfAsync(Db db, StockKey key, StockCellState cell, IEnumerable<LotId>? also = null, IEnumerable<string>? codes = null) => new(cell, Lots(await db.QueryAsync<Row>(
        $"""
        SELECT {Columns} FROM stock_lots l
        WHERE l.tenant = @Owner AND l.item = @Item AND l.location = @Location AND (l.on_hand > 0 OR l.picked > 0 OR l.id IN @ids OR l.code IN @named)
        """,
        new { key.Owner, key.Item, key.Location, ids = (also ?? []).ToKeys(db), named = codes?.ToArray() ?? [] })));

    /// <summary>What is known of a code wherever it lies.</summary>
    public static async Task<List<StockLot>> OfCodeAsync(Db db, PartnerId owner, ItemId item, string code) =>
        Lots(await db.QueryAsync<Row>($"SELECT {Columns} FROM stock_lots l WHERE l.tenant = @owner AND l.item = @item AND l.code = @code ORDER BY l.location", new { owner, item, code }));

    /// <summary>Lots of which something is here, of some items.</summary>
    public static async Task<List<StockLot>> OfItemsAsync(Db db, PartnerId owner, IReadOnlyCollection<ItemId> items) =>
        Lots(await db.QueryAsync<Row>($"SELECT {Columns} FROM stock_lots l WHERE l.tenant = @owner AND l.item IN @keys AND l.on_hand > 0", new { owner, keys = items.ToKeys(db) }));

    /// <summary>Lots of which something is here, in order of their last day, those after a cursor; those without a day come last.</summary>
    public static async Task<List<StockLot>> ListAsync(Db db, PartnerId owner, ItemId? item, LocationId? location, DateOnly? expiresBefore, bool? isHeld, (string ExpiresOn, LotId Id) after, int count) =>
        Lots(await db.QueryAsync<Row>(
            $"""
            SELECT {Columns} FROM stock_lots l
            WHERE l.tenant = @owner AND (COALESCE(l.expires_on, '9999-12-31'), l.id) > (@day, @id) AND (l.on_hand > 0 OR l.picked > 0)
                {(item is null ? "" : "AND l.item = @item")} {(location is null ? "" : "AND l.location = @location")} {(expiresBefore is null ? "" : "AND l.expires_on < @before")}
                {(isHeld is null ? "" : isHeld.Value ? "AND l.hold_reason IS NOT NULL" : "AND l.hold_reason IS NULL")}
            ORDER BY COALESCE(l.expires_on, '9999-12-31'), l.id LIMIT @count
            """,
            new { owner, item, location, before = Text(expiresBefore), day = after.ExpiresOn, id = after.Id, count }));

    /// <summary>Lots of anybody whose time is over and who are not known to be.</summary>
    public static async Task<List<StockLot>> DueAsync(Db db, DateTimeOffset now, int count) =>
        Lots(await db.QueryAsync<Row>($"SELECT {Columns} FROM stock_lots l WHERE l.is_past = 0 AND l.sell_until <= @now ORDER BY l.sell_until LIMIT @count", new { now, count }));

    /// <summary>An owner's lots whose time was worked out with other days than their item says now.</summary>
    public static async Task<List<StockLot>> OutdatedAsync(Db db, PartnerId owner, int count) =>
        Lots(await db.QueryAsync<Row>(
            $"""
            SELECT {Columns} FROM stock_lots l JOIN items i ON i.tenant = l.tenant AND i.id = l.item
            WHERE l.tenant = @owner AND l.expires_on IS NOT NULL AND l.minimum_days <> i.minimum_shelf_life_days ORDER BY l.id LIMIT @count
            """,
            new { owner, count }));

    /// <summary>Writes the lots that an act has changed, each with its line beside the movement.</summary>
    public static async Task SaveAsync(Tx tx, MovementId movement, MovementKind kind, string cause, LotShelf shelf)
    {
        foreach (var (before, lot) in shelf.Changes)
        {
            if (before is null)
            {
                await tx.ExecuteAsync(
                    """
                    INSERT INTO stock_lots (tenant, id, item, location, code, expires_on, minimum_days, sell_until, received_at, on_hand, picked, returned, held, is_past, hold_reason, hold_note, held_by, held_at, is_held_everywhere)
                    VALUES (@Owner, @Id, @Item, @Location, @Code, @expires, @MinimumDays, @SellUntil, @ReceivedAt, @OnHand, @Picked, @Returned, @Held, @IsPast, @reason, @HoldNote, @HeldBy, @HeldAt, @IsHeldEverywhere)
                    """,
                    Args(lot));
            }
            else
            {
                await tx.ExecuteAsync(
                    """
                    UPDATE stock_lots SET expires_on = @expires, minimum_days = @MinimumDays, sell_until = @SellUntil, on_hand = @OnHand, picked = @Picked, returned = @Returned, held = @Held,
                        is_past = @IsPast, hold_reason = @reason, hold_note = @HoldNote, held_by = @HeldBy, held_at = @HeldAt, is_held_everywhere = @IsHeldEverywhere
                    WHERE tenant = @Owner AND id = @Id
                    """,
                    Args(lot));
            }

            await tx.ExecuteAsync(
                """
                INSERT INTO stock_lot_movements (tenant, movement, lot, kind, on_hand_delta, picked_delta, returned_delta, held_delta, cause, at)
                VALUES (@Owner, @movement, @Id, @kind, @onHand, @picked, @returned, @held, @cause, @now)
                """,
                new
                {
                    lot.Owner,
                    movement,
                    lot.Id,
                    kind = kind.ToString(),
                    onHand = lot.OnHand - (before?.OnHand ?? 0),
                    picked = lot.Picked - (before?.Picked ?? 0),
                    returned = lot.Returned - (before?.Returned ?? 0),
                    held = lot.Held - (before?.Held ?? 0),
                    cause,
                    now = tx.Now,
                });
        }
    }

    /// <summary>Movements whose day is closed are no longer added up: their sums stay with the lots.</summary>
    public static async Task CloseAsync(Tx tx, PartnerId owner, SqlKeys movements)
    {
        foreach (var sum in await tx.QueryAsync<SumRow>(
            """
            SELECT lot, SUM(on_hand_delta) AS on_hand, SUM(picked_delta) AS picked, SUM(returned_delta) AS returned, SUM(held_delta) AS held
            FROM stock_lot_movements WHERE tenant = @owner AND movement IN @movements GROUP BY lot ORDER BY lot
            """,
            new { owner, movements }))
        {
            await tx.ExecuteAsync(
                """
                UPDATE stock_lots SET closed_on_hand = closed_on_hand + @OnHand, closed_picked = closed_picked + @Picked, closed_returned = closed_returned + @Returned, closed_held = closed_held + @Held
                WHERE tenant = @owner AND id = @Lot
                """,
                new { owner, sum.Lot, sum.OnHand, sum.Picked, sum.Returned, sum.Held });
        }
    }

    /// <summary>What happened to a lot, newest first, before a cursor.</summary>
    public static Task<List<LotMovementBody>> MovementsAsync(Db db, PartnerId owner, LotId lot, MovementId? before, int count) => db.QueryAsync<LotMovementBody>(
        $"""
        SELECT movement, kind, on_hand_delta, picked_delta, returned_delta, held_delta, cause, at FROM stock_lot_movements
        WHERE tenant = @owner AND lot = @lot {(before is null ? "" : "AND movement < @before")} ORDER BY movement DESC LIMIT @count
        """,
        new { owner, lot, before, count });

    internal static string? Text(DateOnly? day) => day?.ToString("O", CultureInfo.InvariantCulture);

    internal static DateOnly? Day(string? text) => text is null ? null : DateOnly.ParseExact(text, "O", CultureInfo.InvariantCulture);

    private static List<StockLot> Lots(List<Row> rows) => rows.ConvertAll(row => row.ToLot());

    private static object Args(StockLot lot) => new
    {
        lot.Owner,
        lot.Id,
        lot.Item,
        lot.Location,
        lot.Code,
        expires = Text(lot.ExpiresOn),
        lot.MinimumDays,
        lot.SellUntil,
        lot.ReceivedAt,
        lot.OnHand,
        lot.Picked,
        lot.Returned,
        lot.Held,
        lot.IsPast,
        reason = lot.HoldReason?.ToString(),
        lot.HoldNote,
        lot.HeldBy,
        lot.HeldAt,
        lot.IsHeldEverywhere,
    };

    private sealed record SumRow
    {
        public LotId Lot { get; init; }
        public long OnHand { get; init; }
        public long Picked { get; init; }
        public long Returned { get; init; }
        public long Held { get; init; }
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public LotId Id { get; init; }
        public ItemId Item { get; init; }
        public LocationId Location { get; init; }
        public string Code { get; init; } = "";
        public string? ExpiresOn { get; init; }
        public int MinimumDays { get; init; }
        public DateTimeOffset? SellUntil { get; init; }
        public DateTimeOffset ReceivedAt { get; init; }
        public int OnHand { get; init; }
        public int Picked { get; init; }
        public int Returned { get; init; }
        public bool IsPast { get; init; }
        public LotHold? HoldReason { get; init; }
        public string? HoldNote { get; init; }
        public string? HeldBy { get; init; }
        public DateTimeOffset? HeldAt { get; init; }
        public bool IsHeldEverywhere { get; init; }

        public StockLot ToLot() => new()
        {
            Owner = Tenant,
            Id = Id,
            Item = Item,
            Location = Location,
            Code = Code,
            ExpiresOn = Day(ExpiresOn),
            MinimumDays = MinimumDays,
            SellUntil = SellUntil,
            ReceivedAt = ReceivedAt,
            OnHand = OnHand,
            Picked = Picked,
            Returned = Returned,
            IsPast = IsPast,
            HoldReason = HoldReason,
            HoldNote = HoldNote,
            HeldBy = HeldBy,
            HeldAt = HeldAt,
            IsHeldEverywhere = IsHeldEverywhere,
        };
    }
}
