using System.Globalization;
using Caravan.Catalog;
using Caravan.Orders;
using Caravan.Orders.Desk;
using Microsoft.Data.Sqlite;

namespace Caravan.Sim;

/// <summary>Something that must never be has happened.</summary>
internal sealed class ViolationException(string what) : Exception(what);

/// <summary>
/// Holds the store and the answers against what must always be so. It reads the store by SQL of its own, so that a wrong sum
/// in the program's own audit would not hide itself.
/// </summary>
internal sealed class Judge : IDisposable
{
    // Each query finds breaches, and its one column says which.
    private static readonly string[] AfterEachCommit =
    [
        """
        SELECT 'sellable is ' || sellable || ', on hand ' || on_hand || ', reserved ' || reserved || ', held ' || held FROM stock_cells
        WHERE sellable < 0 OR reserved < 0 OR on_hand < 0 OR sellable <> MAX(0, on_hand - reserved - held - buffer)
        """,
        """
        SELECT 'reserved ' || c.reserved || ' exceeds on hand ' || c.on_hand || ' and the recorded shortfall ' || COALESCE(s.quantity, 0)
        FROM stock_cells c LEFT JOIN stock_shortfalls s ON s.tenant = c.tenant AND s.item = c.item AND s.location = c.location
        WHERE c.reserved > MAX(0, c.on_hand - c.held) + COALESCE(s.quantity, 0)
        """,
        """
        SELECT 'a cell is not the sum of its movements: on hand ' || c.on_hand || ', reserved ' || c.reserved
        FROM stock_cells c JOIN (SELECT tenant, item, location, SUM(on_hand_delta) AS on_hand, SUM(reserved_delta) AS reserved FROM stock_movements GROUP BY tenant, item, location) m
            ON m.tenant = c.tenant AND m.item = c.item AND m.location = c.location
        WHERE m.on_hand <> c.on_hand OR m.reserved <> c.reserved
        """,
        """
        SELECT 'orders have reserved ' || COALESCE(a.units, 0) || ' of a cell, carts ' || COALESCE(h.units, 0) || ', and the ledger ' || c.reserved
        FROM stock_cells c LEFT JOIN (SELECT owner, item, location, SUM(reserved + released + picked + packed) AS units FROM allocations GROUP BY owner, item, location) a
            ON a.owner = c.tenant AND a.item = c.item AND a.location = c.location
        LEFT JOIN (SELECT tenant, item, location, SUM(reserved_delta) AS units FROM stock_movements WHERE cause LIKE 'hold %' GROUP BY tenant, item, location) h
            ON h.tenant = c.tenant AND h.item = c.item AND h.location = c.location
        WHERE COALESCE(a.units, 0) + COALESCE(h.units, 0) <> c.reserved
        """,
        """
        SELECT held || ' carts hold goods, and the ledger knows ' || reserved
        FROM (SELECT (SELECT COUNT(*) FROM holds WHERE state = 'Held') AS held,
            (SELECT COUNT(*) FROM (SELECT 1 FROM stock_movements WHERE cause LIKE 'hold %' GROUP BY cause HAVING SUM(reserved_delta) <> 0)) AS reserved)
        WHERE held <> reserved
        """,
        "SELECT 'a cart that is ' || h.state || ' has ' || (SELECT COUNT(*) FROM hold_claims c WHERE c.seller = h.tenant AND c.hold = h.id) || ' claims' FROM holds h WHERE (h.state = 'Held') <> EXISTS (SELECT 1 FROM hold_claims c WHERE c.seller = h.tenant AND c.hold = h.id)",
        "SELECT 'number ' || number || ' is two orders' FROM orders GROUP BY tenant, channel, number HAVING COUNT(*) > 1",
        "SELECT 'a key is kept without its order' FROM idempotency_keys k WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.tenant = k.tenant AND o.number = substr(k.key, 1, instr(k.key, '/') - 1))",
    ];

    private static readonly string[] AtTheEnd =
    [
        "SELECT 'event ' || o.sequence || ' (' || o.type || ') was never heard' FROM outbox o WHERE o.type = 'orders.placed' AND NOT EXISTS (SELECT 1 FROM sim_heard h WHERE h.sequence = o.sequence)",
        "SELECT 'an event is parked: ' || error FROM outbox_parked",
        "SELECT 'an order has no lines or no allocations' FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id) OR NOT EXISTS (SELECT 1 FROM allocations a WHERE a.order_id = o.id)",
    ];

    private readonly SqliteConnection connection;
    private readonly List<SqliteCommand> checks;
    private readonly Dictionary<string, string> answers = [];
    private readonly Dictionary<string, string> ended = [];
    private readonly PaymentJudge payments;
    private readonly Dictionary<string, (string Id, string Key)> numbers = [];

    public Judge(string file)
    {
        connection = new SqliteConnection($"Data Source={file};Default Timeout=0");
        connection.Open();
        checks = [.. AfterEachCommit.Select(Command)];
        payments = new PaymentJudge(connection);
    }

    public PaymentJudge Payments => payments;

    /// <summary>The books, after a commit.</summary>
    public void Look()
    {
        checks.ForEach(Find);
        payments.Look();
        using var ends = Command("SELECT hex(id), state || ' at ' || settled_at FROM holds WHERE state <> 'Held'");
        using var reader = ends.ExecuteReader();
        while (reader.Read())
        {
            var (cart, end) = (reader.GetString(0), reader.GetString(1));
            if (!ended.TryAdd(cart, end) && ended[cart] != end)
                throw new ViolationException($"Cart {cart} ended twice: {ended[cart]}, then {end}.");
        }
    }

    /// <summary>What must be so when everything has come to rest; the latest of the servers' clocks says so.</summary>
    public void LookAtTheEnd(DateTimeOffset latest)
    {
        Look();
        payments.LookAtTheEnd(latest);
        foreach (var sql in AtTheEnd)
        {
            using var command = Command(sql);
            Find(command);
        }
    }

    /// <summary>Whether anybody still has to hear of an event.</summary>
    public bool IsAllHeard()
    {
        using var command = Command("SELECT COUNT(*) FROM outbox WHERE type = 'orders.placed' AND sequence > COALESCE((SELECT sequence FROM outbox_cursors WHERE subscriber = 'sim.follower'), 0)");
        return (long)command.ExecuteScalar()! == 0; // A count has a value.
    }

    public long Value(string sql)
    {
        using var command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>What may be sold of an item, where it is or was.</summary>
    public IReadOnlyList<(LocationId Location, int Sellable)> Cells(Item item)
    {
        using var command = Command("SELECT location, sellable FROM stock_cells WHERE tenant = $owner AND item = $item");
        command.Parameters.AddWithValue("$owner", item.Owner.Value.ToByteArray(bigEndian: true));
        command.Parameters.AddWithValue("$item", item.Id.Value.ToByteArray(bigEndian: true));
        using var reader = command.ExecuteReader();
        List<(LocationId, int)> cells = [];
        while (reader.Read())
            cells.Add((new LocationId(new Guid((byte[])reader.GetValue(0), bigEndian: true)), reader.GetInt32(1)));
        return cells;
    }

    /// <summary>The order that a key is known to have placed, if any.</summary>
    public string? AnswerOf(string key) => answers.GetValueOrDefault(key);

    /// <summary>An answer has reached a client, who had heard <paramref name="before"/> for this key when it asked.</summary>
    public void Hear(Wish wish, DeskOutcome outcome, string? before)
    {
        switch (outcome)
        {
            case { IsKeyReused: true }:
                throw new ViolationException($"{wish} was told that its key is another request's.");
            case { Outcome: PlaceOutcome.Placed placed }:
                HearPlaced(wish, placed.Order.Id.ToString());
                break;
            case { Kept: { } kept }:
                HearPlaced(wish, kept.Location!["/v1/orders/".Length..]); // An order's answer says where it is.
                break;
            case { Outcome: PlaceOutcome.Known known }:
                if (before is not null || !wish.HasRival)
                    throw new ViolationException($"{wish} was told that its number is taken, by {known.Order}.");
                CheckStored(wish, known.Order.ToString());
                break;
            case { Outcome: PlaceOutcome.Refused refused } when before is not null:
                throw new ViolationException($"{wish} was placed as {before} and then refused: {refused.Sentence}");
            case { Outcome: PlaceOutcome.Faulty faulty } when before is not null || wish.PayBy is null:
                throw new ViolationException($"{wish}, {(before is null ? "new" : $"placed as {before}")}, was told of a fault: {faulty.Faults[0].Detail}");
        }
    }

    /// <summary>A fault that says nothing was written must be right.</summary>
    public void CheckNotStored(Wish wish, Exception fault)
    {
        using var find = Command("SELECT COUNT(*) FROM idempotency_keys WHERE key = $key");
        find.Parameters.AddWithValue("$key", wish.Key);
        if ((long)find.ExecuteScalar()! > 0) // A count has a value.
            throw new ViolationException($"{wish} is stored, and its client heard that nothing was written ({fault.GetType().Name}).");
    }

    public void Dispose()
    {
        checks.ForEach(check => check.Dispose());
        payments.Dispose();
        connection.Dispose();
    }

    private void HearPlaced(Wish wish, string id)
    {
        CheckStored(wish, id);
        if (!answers.TryAdd(wish.Key, id) && answers[wish.Key] != id)
            throw new ViolationException($"{wish} was answered with {answers[wish.Key]} and with {id}.");
        if (!numbers.TryAdd(wish.Number, (id, wish.Key)) && numbers[wish.Number].Id != id)
            throw new ViolationException($"Number {wish.Number} is {numbers[wish.Number].Id} and {id}.");
    }

    private void CheckStored(Wish wish, string id)
    {
        using var find = Command("SELECT number FROM orders WHERE id = $id");
        find.Parameters.AddWithValue("$id", OrderId.Parse(id, null).Value.ToByteArray(bigEndian: true));
        if (find.ExecuteScalar() as string != wish.Number)
            throw new ViolationException($"{wish} was acknowledged as {id}, which is not stored.");
    }

    private SqliteCommand Command(string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static void Find(SqliteCommand check)
    {
        using var reader = check.ExecuteReader();
        if (reader.Read())
            throw new ViolationException(reader.GetString(0));
    }
}
