using Caravan.Orders;
using Microsoft.Data.Sqlite;

namespace Caravan.Sim;

/// <summary>
/// What must be so of orders that wait for their money: it comes or it does not, once; what was not paid reserves nothing any
/// more; and nodes hear of an order when it is paid, each once, and before that not at all.
/// </summary>
internal sealed class PaymentJudge(SqliteConnection connection) : IDisposable
{
    private const string OpenUnits = "SUM(a.reserved + a.released + a.picked + a.packed)";

    private readonly Dictionary<OrderId, string> ended = [];
    private readonly SqliteCommand all = CommandOf(connection, $"SELECT p.order_id, p.state, p.settled_at, (SELECT {OpenUnits} FROM allocations a WHERE a.order_id = p.order_id) FROM order_payments p");
    private readonly SqliteCommand told = CommandOf(connection, $"SELECT subject FROM outbox WHERE type = '{FulfilmentEvent.Placed}'");
    private readonly SqliteCommand toldTwice = CommandOf(connection, $"SELECT subject FROM outbox WHERE type = '{FulfilmentEvent.Placed}' GROUP BY payload HAVING COUNT(*) > 1");

    /// <summary>After a commit.</summary>
    public void Look()
    {
        var worked = ReadAll(told, row => row.GetString(0)).ToHashSet();
        foreach (var (order, state, settledAt, open) in ReadAll(all, row => (Order(row, 0), row.GetString(1), row.IsDBNull(2) ? 0 : row.GetInt64(2), row.GetInt64(3))))
        {
            if ((state == nameof(PaymentState.Awaited)) != (settledAt == 0))
                throw new ViolationException($"The payment of {order} is {state}, settled at {settledAt}.");
            if (state != nameof(PaymentState.Paid) && worked.Contains(order.ToString()))
                throw new ViolationException($"A node was told of {order}, whose payment is {state}.");
            if (state == nameof(PaymentState.Unpaid) && open > 0)
                throw new ViolationException($"{order} was not paid, and has {open} units reserved.");
            if (state != nameof(PaymentState.Awaited) && !ended.TryAdd(order, $"{state} at {settledAt}") && ended[order] != $"{state} at {settledAt}")
                throw new ViolationException($"The payment of {order} ended twice: {ended[order]}, then {state} at {settledAt}.");
        }

        foreach (var subject in ReadAll(toldTwice, row => row.GetString(0)))
            throw new ViolationException($"A node was told twice of {subject}.");
    }

    /// <summary>Somebody who said that an order is paid was answered.</summary>
    public void Hear(OrderId order, PayOutcome outcome)
    {
        var state = ReadAll(all, row => (Order: Order(row, 0), State: row.GetString(1))).Single(row => row.Order == order).State;
        var expected = outcome switch { PayOutcome.Paid => nameof(PaymentState.Paid), PayOutcome.NotAwaited => nameof(PaymentState.Unpaid), _ => "known" };
        if (state != expected)
            throw new ViolationException($"Whoever paid {order} heard {outcome.GetType().Name}, and its payment is {state}.");
    }

    /// <summary>When all is at rest: nobody waits for what is over by the latest of the servers' clocks, and every node that has work was told.</summary>
    public void LookAtTheEnd(DateTimeOffset latest)
    {
        using var late = CommandOf(connection, "SELECT order_id FROM order_payments WHERE state = 'Awaited' AND pay_by <= $over UNION ALL SELECT id FROM holds WHERE state = 'Held' AND expires_at <= $over");
        late.Parameters.AddWithValue("$over", (latest - TimeSpan.FromSeconds(2)).ToUnixTimeMilliseconds());
        foreach (var id in ReadAll(late, row => Order(row, 0)))
            throw new ViolationException($"{id}, or a cart of that number, was over and nobody has settled it.");

        using var work = CommandOf(connection, $"SELECT a.order_id, a.fulfilment FROM allocations a LEFT JOIN order_payments p ON p.tenant = a.tenant AND p.order_id = a.order_id WHERE COALESCE(p.state, 'Paid') = 'Paid' GROUP BY a.order_id, a.fulfilment HAVING {OpenUnits} > 0");
        using var heard = CommandOf(connection, $"SELECT CAST(payload AS TEXT) FROM outbox WHERE type = '{FulfilmentEvent.Placed}'");
        var events = ReadAll(heard, row => row.GetString(0));
        foreach (var (order, fulfilment) in ReadAll(work, row => (Order(row, 0), new FulfilmentId(Number(row, 1)))))
        {
            if (!events.Exists(payload => payload.Contains(fulfilment.ToString(), StringComparison.Ordinal)))
                throw new ViolationException($"{order} is to be worked on, and nobody was told of {fulfilment}.");
        }
    }

    /// <summary>How many have ended so.</summary>
    public int Count(PaymentState state) => ended.Values.Count(end => end.StartsWith($"{state} ", StringComparison.Ordinal));

    public void Dispose()
    {
        all.Dispose();
        told.Dispose();
        toldTwice.Dispose();
    }

    private static OrderId Order(SqliteDataReader row, int column) => new(Number(row, column));

    private static Guid Number(SqliteDataReader row, int column) => new((byte[])row.GetValue(column), bigEndian: true);

    private static List<T> ReadAll<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using var reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    private static SqliteCommand CommandOf(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is a constant above.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
