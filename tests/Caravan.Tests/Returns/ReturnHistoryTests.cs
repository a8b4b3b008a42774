using Caravan.Orders;
using Caravan.Tests.Fulfilment;
using Caravan.Tests.Platform;
using FsCheck;
using FsCheck.Fluent;
using static Caravan.Tests.Returns.ReturnsWorld;

namespace Caravan.Tests.Returns;

/// <summary>Random histories of returns of two orders against a naive book of them: what is refused, stock, states and money; and everything is said twice.</summary>
public sealed class ReturnHistoryTests
{
    private static readonly string[] Skus = ["tea", "milk"];
    private static readonly int[] Ordered = [6, 5];
    private static readonly string[] Grades = ["new", "opened", "damaged", "spoiled", "wrongItem"];
    private static readonly string[] Dispositions = ["restock", "hold", "writeOff", "returnToOwner", "refurbish"];

    private static readonly DateTimeOffset TenInTheMorning = new(2026, 11, 3, 2, 0, 0, TimeSpan.Zero);

    private sealed record Act(int Kind, int Which, int Line, int Units, int Grade, int Disposition, bool Flag);

    [Fact]
    public async Task Random_histories_of_returns_are_as_a_naive_book_has_them()
    {
        await using var world = await StartAsync();
        var acts = from kind in Gen.Elements(0, 0, 0, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 4, 5, 6)
                   from which in Gen.Choose(0, 3)
                   from line in Gen.Choose(0, 2)
                   from units in Gen.Choose(1, 4)
                   from grade in Gen.Elements(0, 0, 0, 1, 2, 3, 4)
                   from disposition in Gen.Elements(0, 0, 1, 2, 3, 4)
                   from flag in Gen.Elements(true, false)
                   select new Act(kind, which, line, units, grade, disposition, flag);
        Book book = new();
        var done = 0;
        var refused = 0;
        var round = 0;
        foreach (var history in acts.ListOf(40).Sample(20, 12))
        {
            round++;
            var sinceTen = TimeSpan.FromTicks((world.Orders.Now - TenInTheMorning).Ticks % TimeSpan.TicksPerDay);
            world.Caravan.Clock.Advance(TimeSpan.FromDays(1) - sinceTen); // When the station is open.
            foreach (var sku in Skus)
            {
                await world.Orders.ReceiveAsync("chain", sku, "near", 20);
                book.OnHand[sku] = book.OnHand.GetValueOrDefault(sku) + 20;
            }

            book.Orders.Clear();
            for (var number = 0; number < 2; number++)
            {
                book.Orders.Add(await world.DeliverAtStationAsync($"{round}-{number}", FulfilmentWorld.Line("tea", Ordered[0]), FulfilmentWorld.Line("milk", Ordered[1])));
                for (var sku = 0; sku < Skus.Length; sku++)
                    book.OnHand[Skus[sku]] -= Ordered[sku];
            }

            var step = 0;
            book.Returns.RemoveAll(_ => true);
            foreach (var act in history)
            {
                world.Caravan.Clock.Advance(TimeSpan.FromMinutes(3));
                if (act.Kind == 6)
                    world.Caravan.Clock.Advance(TimeSpan.FromDays(act.Units * 2));
                var told = $"History {round}, step {step}: {string.Join("; ", history.Take(step + 1))}";
                var (expected, was) = await DoAsync(world, book, act, $"r{round}s{step++}");
                Assert.True(expected == was, $"{told}\nExpected {expected}, was {was}.");
                foreach (var due in await world.RefundsAsync())
                    book.Told[due.Sequence] = due.Refund.Refund.Amount; // At once: events that everybody has had are thrown away.
                done += expected is 200 or 201 ? 1 : 0;
                refused += expected is 400 or 409 ? 1 : 0;
                foreach (var sku in Skus)
                {
                    var (onHand, held, sellable) = await world.CellAsync("chain", sku, "near");
                    var waiting = book.Waiting(sku);
                    Assert.True((onHand, held, sellable) == (book.OnHand[sku], waiting, book.OnHand[sku] - waiting), $"{told}\n{sku}: {(onHand, held, sellable)}, not {(book.OnHand[sku], waiting)}.");
                }
            }

            foreach (var one in book.Returns)
            {
                var now = (await world.Chain.FetchAsync($"{Api}/{one.Id}")).Body;
                Assert.Equal(one.StateAt(world.Orders.Now), State(now));
                Assert.True(one.Refund == now.GetProperty("refund").GetProperty("amount").GetInt64(), $"History {round}: {one.Refund} and not as in {now}");
            }

            await world.AssertBooksAgreeAsync();
            foreach (var sku in Skus)
                book.HeldBefore[sku] = book.Waiting(sku);
            Assert.Equal(book.Paid, book.Told.Values.Sum());
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{done} acts were done and {refused} refused, each as the naive book had it");
        Assert.True(done > 100 && refused > 50, $"{done} done, {refused} refused");
    }

    // Says it twice, as whoever got no answer does; gives what the naive book expects of the first time, and what came of it.
    private static async Task<(int Expected, int Was)> DoAsync(ReturnsWorld world, Book book, Act act, string cause)
    {
        var one = book.Returns.Count == 0 ? null : book.Returns[act.Which * book.Returns.Count / 4];
        var now = world.Orders.Now;
        var line = one?.Lines[act.Line % one.Lines.Count];
        switch (act.Kind)
        {
            case 0:
                return await AuthoriseAsync(world, book, act, cause);
            case 1 when one is not null && line is not null:
                var came = one.IsOpen(now) && act.Units <= one.Outstanding(line) ? 200 : 409;
                if (came == 200)
                {
                    line.Received += act.Units;
                    book.OnHand[line.Sku] += act.Units;
                }

                return (came, await TwiceAsync(world, $"{one.Id}:receive", new { cause, lines = new[] { new { line = line.Number, quantity = act.Units } } }, came == 200));
            case 2 when one is not null:
                var last = one.IsOpen(now) && one.Lines.Sum(each => each.Received) > 0 ? 200 : 409;
                one.IsComplete |= last == 200;
                return (last, (await world.Chain.SubmitAsync($"{Api}/{one.Id}:receive", new { cause, lines = Array.Empty<object>(), isLast = true })).Status);
            case 3 or 4 when one is not null && line is not null:
                return await GradeAsync(world, book, act, one, line, cause);
            case 5 when one is not null:
                var called = one.Lines.Sum(each => each.Received) == 0 ? 200 : 409;
                one.IsCancelled |= called == 200;
                return (called, await TwiceAsync(world, $"{one.Id}:cancel", null, called == 200));
            default:
                return (0, 0);
        }
    }

    private static async Task<(int Expected, int Was)> AuthoriseAsync(ReturnsWorld world, Book book, Act act, string cause)
    {
        var order = book.Orders[act.Which % 2];
        var wishes = act.Line == 2 ? new[] { 0, 1 } : [act.Line];
        var expected = wishes.All(sku => act.Units <= Ordered[sku] - book.Claimed(order, Skus[sku], world.Orders.Now)) ? 201 : 409;
        var body = new { order = order.Id.ToString(), lines = wishes.Select(sku => new { line = sku + 1, quantity = act.Units, reason = "notWanted" }) };
        var answer = await world.Chain.SubmitAsync(Api, body, key: cause);
        var again = await world.Chain.SubmitAsync(Api, body, key: cause);
        Assert.Equal(answer.Status, again.Status);
        if (answer.Status == 201)
        {
            Assert.Equal(answer.Body.GetProperty("id").GetString(), again.Body.GetProperty("id").GetString());
            book.Returns.Add(new NaiveReturn(answer.Body.GetProperty("id").GetString()!, order, world.Orders.Now.AddDays(30), [.. wishes.Select((sku, index) => new NaiveLine(index + 1, Skus[sku], act.Units))]));
        }

        return (expected, answer.Status);
    }

    private static async Task<(int Expected, int Was)> GradeAsync(ReturnsWorld world, Book book, Act act, NaiveReturn one, NaiveLine line, string cause)
    {
        var (grade, disposition) = (Grades[act.Grade], Dispositions[act.Disposition]);
        var isFromHold = act.Kind == 4;
        var there = isFromHold ? line.OnHold : line.ToGrade;
        var mayRestock = grade == "new" ? line.Sku == "tea" || act.Flag : grade == "opened" && line.Sku == "tea" && act.Flag;
        var waits = disposition is "hold" or "refurbish";
        var expected = isFromHold && waits ? 400 : act.Units > there || (disposition == "restock" && !mayRestock) ? 409 : 200;
        if (expected == 200)
        {
            line.OnHold += (waits ? act.Units : 0) - (isFromHold ? act.Units : 0);
            line.Restocked += disposition == "restock" ? act.Units : 0;
            line.Gone += waits || disposition == "restock" ? 0 : act.Units;
            book.OnHand[line.Sku] -= waits || disposition == "restock" ? 0 : act.Units;
            var due = isFromHold ? 0 : act.Flag ? 1_200L * act.Units * 33 / 100 : 1_200L * act.Units;
            one.Refund += due;
            book.Paid += due;
        }

        var body = Judge(cause, line.Number, act.Units, grade, disposition, act.Flag ? new { by = "quality", note = "looked at" } : null, act.Flag ? new { percent = 33, reason = "used" } : null, fromHold: isFromHold);
        return (expected, await TwiceAsync(world, $"{one.Id}:grade", body, expected == 200));
    }

    private static async Task<int> TwiceAsync(ReturnsWorld world, string act, object? body, bool isDone)
    {
        var first = await world.Chain.SubmitAsync($"{Api}/{act}", body);
        var second = await world.Chain.SubmitAsync($"{Api}/{act}", body);
        Assert.Equal(first.Status, second.Status);
        if (isDone)
            Assert.Equal(first.Body.ToString(), second.Body.ToString());
        return first.Status;
    }

    private sealed class Book
    {
        public List<Order> Orders { get; } = [];

        public List<NaiveReturn> Returns { get; } = [];

        public Dictionary<string, int> OnHand { get; } = [];

        public Dictionary<string, int> HeldBefore { get; } = [];

        public long Paid { get; set; }

        /// <summary>What the outbox said is to be paid back, by the place of the event.</summary>
        public Dictionary<long, long> Told { get; } = [];

        public int Waiting(string sku) => HeldBefore.GetValueOrDefault(sku) + Returns.SelectMany(one => one.Lines).Where(line => line.Sku == sku).Sum(line => line.ToGrade + line.OnHold);

        public int Claimed(Order order, string sku, DateTimeOffset now) =>
            Returns.Where(one => one.Order.Id == order.Id && one.StateAt(now) is not ("cancelled" or "expired")).Sum(one => one.Lines.Where(line => line.Sku == sku).Sum(line => line.Received + one.Outstanding(line)));
    }

    private sealed record NaiveReturn(string Id, Order Order, DateTimeOffset Until, List<NaiveLine> Lines)
    {
        public bool IsComplete { get; set; }

        public bool IsCancelled { get; set; }

        public long Refund { get; set; }

        public int Outstanding(NaiveLine line) => IsComplete ? 0 : line.Quantity - line.Received;

        public bool IsOpen(DateTimeOffset now) => StateAt(now) is "authorised" or "partlyReceived";

        public string StateAt(DateTimeOffset now) =>
            IsCancelled ? "cancelled"
            : Lines.Sum(line => line.Received) == 0 ? Until <= now ? "expired" : "authorised"
            : Lines.Sum(Outstanding) > 0 ? "partlyReceived"
            : Lines.Sum(line => line.ToGrade) > 0 ? "received"
            : Lines.Sum(line => line.OnHold) > 0 ? "graded" : "closed";
    }

    private sealed class NaiveLine(int number, string sku, int quantity)
    {
        public int Number => number;

        public string Sku => sku;

        public int Quantity => quantity;

        public int Received { get; set; }

        public int OnHold { get; set; }

        public int Restocked { get; set; }

        public int Gone { get; set; }

        public int ToGrade => Received - OnHold - Restocked - Gone;
    }
}
