using Caravan.Platform.Storage;
using Microsoft.Data.Sqlite;

namespace Caravan.Stock;

/// <summary>Reservations of many orders in one transaction: the order desk's hot path.</summary>
internal static class StockReserve
{
    // Nobody else writes in between, so each order is decided in its turn on the true numbers.
    private const string Take =
        """
        UPDATE stock_cells SET reserved = reserved + ?4, sellable = sellable - ?4
        WHERE tenant = ?1 AND item = ?2 AND location = ?3 AND sellable >= ?5
            AND (feed IS NULL OR (SELECT f.fresh_until FROM feeds f WHERE f.tenant = stock_cells.tenant AND f.id = stock_cells.feed) >= ?6)
        """;

    private const string GiveBack = "UPDATE stock_cells SET reserved = reserved - ?4, sellable = sellable + ?4 WHERE tenant = ?1 AND item = ?2 AND location = ?3";

    private static readonly Table<(StockTake Take, string Cause, MovementId Id, DateTimeOffset At)> Movements = new(
        "stock_movements",
        "tenant, id, item, location, kind, on_hand_delta, reserved_delta, held_delta, cause, at",
        (row, one) => row.Id(one.Take.Owner).Id(one.Id).Id(one.Take.Item).Id(one.Take.Location)
            .Text(nameof(MovementKind.Reserve)).Number(0).Number(one.Take.Quantity).Number(0).Text(one.Cause).Instant(one.At));

    public static async Task<bool[]> ManyAsync(Tx tx, IReadOnlyList<Reservation> reservations)
    {
        var isReserved = tx.IsPostgres ? await PostgresReserve.ManyAsync(tx, reservations) : OneByOne(tx, reservations);
        await MoveAsync(tx, reservations.Where((_, i) => isReserved[i]));
        return isReserved;
    }

    /// <summary>On PostgreSQL: reserves all of these with what else the transaction gathers, or it fails (<see cref="Gathered.TooLittle"/>).</summary>
    public static Task TakeLaterAsync(Tx tx, Gathered later, IReadOnlyList<Reservation> reservations, bool isLocked)
    {
        PostgresReserve.TakeLater(tx, later, reservations, isLocked);
        return MoveAsync(tx, reservations);
    }

    private static async Task MoveAsync(Tx tx, IEnumerable<Reservation> reserved)
    {
        var moved = reserved.SelectMany(one => one.Wants, (one, want) => (want.Take, one.Cause)).ToList();
        foreach (var (take, _) in moved)
            tx.AnnounceToOthers(StockStore.Topic, take.Owner, take.Item.Value);
        var ids = StockStore.NewIds(tx.Now, moved.Count);
        await Movements.InsertAsync(tx, moved.Select((one, i) => (one.Take, one.Cause, ids[i], tx.Now)));
    }

    private static bool[] OneByOne(Tx tx, IReadOnlyList<Reservation> reservations)
    {
        var take = SqliteStatement.Of((SqliteConnection)tx.Connection, Take);
        var giveBack = SqliteStatement.Of((SqliteConnection)tx.Connection, GiveBack);
        var isReserved = new bool[reservations.Count];
        for (var i = 0; i < isReserved.Length; i++)
            isReserved[i] = Reserve(tx, reservations[i].Wants, take, giveBack);
        return isReserved;
    }

    private static bool Reserve(Tx tx, IReadOnlyList<Want> wants, SqliteStatement take, SqliteStatement giveBack)
    {
        for (var i = 0; i < wants.Count; i++)
        {
            Key(take, wants[i]).Number(wants[i].AtLeast).Instant(tx.Now);
            if (take.Run() > 0)
                continue;

            for (var taken = 0; taken < i; taken++)
            {
                Key(giveBack, wants[taken]);
                giveBack.Run();
            }

            return false;
        }

        return true;
    }

    private static RowWriter Key(SqliteStatement statement, Want want) => statement
        .Id(want.Take.Owner).Id(want.Take.Item).Id(want.Take.Location).Number(want.Take.Quantity);
}
