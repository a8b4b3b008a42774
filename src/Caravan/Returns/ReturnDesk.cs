using Caravan.Catalog;
using Caravan.Orders;
using Caravan.Platform;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;

namespace Caravan.Returns;

/// <summary>
/// Returns: authorised by the seller; received and graded by those who run the location they go to. All writing doors join the caller's
/// transaction; whatever is not <see cref="ReturnOutcome.Done"/> must be followed by its undoing.
/// </summary>
public sealed class ReturnDesk
{
    /// <summary>How long a customer has, unless it is said.</summary>
    public static readonly TimeSpan AuthorisedFor = TimeSpan.FromDays(30);

    private static readonly TimeSpan AuthorisedForMost = TimeSpan.FromDays(365);

    private readonly OrderDesk orders;
    private readonly ReturnedStock stock;
    private readonly ItemCatalog catalog;
    private readonly ReturnPlaces places;
    private readonly Outbox outbox;

    internal ReturnDesk(OrderDesk orders, ReturnedStock stock, ItemCatalog catalog, ReturnPlaces places, Outbox outbox) =>
        (this.orders, this.stock, this.catalog, this.places, this.outbox) = (orders, stock, catalog, places, outbox);

    internal Subscription OfParcels => new("returns.parcels", [ParcelReturnedEvent.Type], (tx, happened) => TakeUndeliveredAsync(tx, happened.Tenant, ParcelReturnedEvent.Of(happened)));

    /// <summary>A return that a company sold, or that goes to a location it runs.</summary>
    public Task<Return?> FindAsync(Db db, PartnerId company, ReturnId id) => ReturnStore.FindAsync(db, company, id);

    /// <summary>Returns that a company has to do with, newest first, those before a cursor.</summary>
    public async Task<IReadOnlyList<Return>> ListAsync(Db db, PartnerId company, ReturnFilter filter, ReturnId? before, int count, DateTimeOffset now) =>
        await ReturnStore.ListAsync(db, company, filter, before, count, now);

    /// <summary>What somebody typed, as the code of a return is kept; null when it can be none.</summary>
    public static string? ReadCode(string typed) => ReturnCode.Read(typed);

    /// <summary>The seller lets a customer send goods back: no more than were delivered and are not on their way back already.</summary>
    public async Task<ReturnOutcome> AuthoriseAsync(Tx tx, Caller caller, ReturnRequest asked)
    {
        var until = asked.AuthoriseUntil ?? tx.Now + AuthorisedFor;
        var order = await orders.FindAsync(tx, caller.Tenant, asked.Order);
        var check = new Check()
            .That(order is not null, "#/order", "There is no such order of yours.")
            .That(until > tx.Now && until <= tx.Now + AuthorisedForMost, "#/authoriseUntil", "Give a time to come, within a year.");
        for (var i = 0; i < asked.Lines.Count; i++)
            check.That(order is null || asked.Lines[i].Line <= order.Lines.Count, $"#/lines/{i}/line", $"The order has {order?.Lines.Count} lines.");
        if (order is null || check.Failed)
            return new ReturnOutcome.Faulty(check.Faults);

        var claimed = (await ReturnStore.OfOrderAsync(tx, caller.Tenant, order.Id)).Where(one => one.Kind == ReturnKind.Customer)
            .SelectMany(one => one.Lines, (one, line) => (line.OrderLine, line.Fulfilment, line.Owner, Units: one.ClaimOf(line, tx.Now)))
            .GroupBy(one => (one.OrderLine, one.Fulfilment, one.Owner)).ToDictionary(same => same.Key, same => same.Sum(one => one.Units));
        List<ReturnLine> lines = [];
        foreach (var wish in asked.Lines)
        {
            var (left, returnable) = (wish.Quantity, 0);
            foreach (var allocation in order.Fulfilments.SelectMany(one => one.Allocations).Where(one => one.Line == wish.Line))
            {
                var key = (allocation.Line, allocation.Fulfilment, allocation.Owner);
                var free = Math.Max(0, allocation[LineStatus.Delivered] - claimed.GetValueOrDefault(key));
                var some = Math.Min(left, free);
                returnable += free;
                left -= some;
                if (some == 0)
                    continue;

                claimed[key] = claimed.GetValueOrDefault(key) + some;
                lines.Add(await LineAsync(tx, order, lines.Count + 1, allocation, some, wish.Reason) is var line && wish.Refund is { } refund
                    ? line with { Note = wish.Note, RefundPercent = refund.Percent, RefundReason = refund.Reason }
                    : line with { Note = wish.Note });
            }

            if (left > 0)
                return new ReturnOutcome.Refused(ReturnRefusal.MoreThanDelivered, $"Of line {wish.Line} the customer has {returnable} that are not on their way back already.", wish.Line, returnable);
        }

        if (await places.FindAsync(tx, order, lines, asked.Location) is not { } place)
        {
            return asked.Location is null
                ? new ReturnOutcome.Refused(ReturnRefusal.NoPlace, "No node that sent it and no warehouse may receive all of it: name a location, or authorise its lines apart.")
                : new ReturnOutcome.Faulty(check.That(false, "#/location", "Name a warehouse or store that keeps these goods' temperature and where their owner may hold stock.").Faults);
        }

        var made = await NewAsync(tx, order, ReturnKind.Customer, place.Id, place.Operator, caller.Name, until, lines);
        await ReturnStore.InsertAsync(tx, made);
        return new ReturnOutcome.Done(made);
    }

    /// <summary>The customer has sent it: it is on its way.</summary>
    public Task<ReturnOutcome> SendAsync(Tx tx, Caller caller, ReturnId id, string? reference) => OpenAsync(tx, caller, id, isOfSeller: true, async one =>
    {
        if (one.StateAt(tx.Now) is var state && state is not (ReturnState.Authorised or ReturnState.InTransit))
            return Over(state);

        var sent = one with { Said = ReturnState.InTransit, SentReference = reference ?? one.SentReference };
        await ReturnStore.UpdateAsync(tx, sent, [], []);
        return new ReturnOutcome.Done(sent);
    });

    /// <summary>Called off, as long as nothing has come.</summary>
    public Task<ReturnOutcome> CancelAsync(Tx tx, Caller caller, ReturnId id) => OpenAsync(tx, caller, id, isOfSeller: true, async one =>
    {
        if (one.StateAt(tx.Now) == ReturnState.Cancelled)
            return new ReturnOutcome.Done(one);
        if (one.Lines.Any(line => line.Received > 0))
            return new ReturnOutcome.Refused(ReturnRefusal.Underway, "Some of it has come. Grade what is here, and receive the last of it with 'isLast'.");

        var cancelled = one with { Said = ReturnState.Cancelled };
        await ReturnStore.UpdateAsync(tx, cancelled, [], []);
        return new ReturnOutcome.Done(cancelled);
    });

    /// <summary>Units have come: on hand where the return goes, and held until they are graded. Without lines, all that is left. A cause counts once for each line; with <paramref name="isLast"/> nothing more comes.</summary>
    public Task<ReturnOutcome> ReceiveAsync(Tx tx, Caller caller, ReturnId id, string cause, IReadOnlyList<ReturnArrival>? arrivals, bool isLast) => OpenAsync(tx, caller, id, isOfSeller: false, async one =>
    {
        var check = new Check();
        List<(int Index, ReturnLine Line, ReturnArrival Came)> news = [];
        var wanted = arrivals ?? [.. one.Lines.Where(line => one.OutstandingOf(line) > 0).Select(line => new ReturnArrival(line.Line, one.OutstandingOf(line)))];
        for (var i = 0; i < wanted.Count; i++)
        {
            if (one.Lines.FirstOrDefault(line => line.Line == wanted[i].Line) is not { } line)
                check.That(false, $"#/lines/{i}/line", $"The return has {one.Lines.Count} lines.");
            else if (!await ReturnStore.IsReceivedAsync(tx, one, line.Line, cause))
                news.Add((i, line, wanted[i]));
        }

        if (check.Failed)
            return new ReturnOutcome.Faulty(check.Faults);

        // What is repeated changes nothing, also when the return is over. Said without lines, a cause that has counted means what it meant then.
        var isRepeated = arrivals is null ? await IsKnownAsync(tx, one, cause) : wanted.Count > 0 && news.Count == 0;
        if (isRepeated && !(isLast && one.Lines.Any(line => one.OutstandingOf(line) > 0)))
            return new ReturnOutcome.Done(one);
        if (one.StateAt(tx.Now) is var state && state is not (ReturnState.Authorised or ReturnState.InTransit or ReturnState.PartlyReceived))
            return Over(state);
        if (isRepeated)
            news.Clear();

        var after = one;
        foreach (var (index, line, came) in news.OrderBy(one => (one.Line.Owner, one.Line.Item, one.Line.Line)))
        {
            if (came.Quantity > one.OutstandingOf(line))
                return new ReturnOutcome.Refused(ReturnRefusal.MoreThanAuthorised, $"Of line {line.Line} {one.OutstandingOf(line)} are to come. Authorise the others with POST /v1/returns first.", line.Line, one.OutstandingOf(line));

            var isLotNeeded = await catalog.ByIdAsync(tx, line.Owner, [line.Item]) is [{ IsLotControlled: true }];
            List<ReturnedLot> named = [.. (came.Lots ?? []).Select(lot => new ReturnedLot(lot.Code, lot.Quantity))];
            var (lots, fault) = await stock.TakeBackAsync(tx, new StockTake(line.Owner, line.Item, one.Location, came.Quantity), line.From, line.Fulfilment, named, isLotNeeded, $"return {one.Id} {line.Line} {cause}");
            if (fault is not null)
                return new ReturnOutcome.Faulty(check.That(false, arrivals is null ? "#/lines" : $"#/lines/{index}/lots", fault).Faults);

            after = after.With(line.Receive([.. lots.Select(lot => (lot.Code, lot.Quantity)), ("", came.Quantity - lots.Sum(lot => lot.Quantity))]));
            await ReturnStore.AddReceiptAsync(tx, one, line.Line, cause, came.Quantity, caller.Name);
        }

        if (isLast && after.Lines.All(line => line.Received == 0))
            return new ReturnOutcome.Refused(ReturnRefusal.Over, "Nothing of it has come: its seller cancels it, or it expires.");

        after = after with { IsComplete = after.IsComplete || isLast };
        await ReturnStore.UpdateAsync(tx, after, [.. after.Lines.Where(line => news.Any(came => came.Line.Line == line.Line))], []);
        return new ReturnOutcome.Done(after);
    });

    /// <summary>Units are judged: how they are, what becomes of them, and what is paid back. A cause counts once for each line.</summary>
    public Task<ReturnOutcome> GradeAsync(Tx tx, Caller caller, ReturnId id, string cause, IReadOnlyList<ReturnGrading> gradings) => OpenAsync(tx, caller, id, isOfSeller: false, async one =>
    {
        var after = one;
        var check = new Check();
        List<ReturnJudgement> judged = [];
        for (var i = 0; i < gradings.Count; i++)
        {
            var asked = gradings[i];
            if (after.Lines.FirstOrDefault(line => line.Line == asked.Line) is not { } line)
            {
                check.That(false, $"#/lines/{i}/line", $"The return has {one.Lines.Count} lines.");
                continue;
            }

            if (one.Judgements.Any(known => known.Line == line.Line && known.Cause == cause))
                continue; // Done before.

            check.That(asked.Refund is null || caller.Tenant == one.Seller, $"#/lines/{i}/refund", "What is paid back is the seller's to say.");
            check.That(!asked.FromHold || asked.Disposition is not (ReturnDisposition.Hold or ReturnDisposition.Refurbish), $"#/lines/{i}/disposition", "It is on hold already: say what becomes of it.");
            var waiting = line.Parts.Where(part => WaitingOf(part) > 0).ToList();
            check.That(asked.Lot is not null || waiting.Count < 2, $"#/lines/{i}/lot", $"Say of which lot: {string.Join(", ", waiting.Select(part => part.Lot.Length == 0 ? "none (\"\")" : part.Lot))}.");
            if (check.Failed)
                continue;

            var part = asked.Lot is null ? waiting.FirstOrDefault() : waiting.Find(part => part.Lot == asked.Lot);
            if (part is null || WaitingOf(part) < asked.Quantity)
                return new ReturnOutcome.Refused(ReturnRefusal.NotThatMany, $"Of line {line.Line} {(part is null ? 0 : WaitingOf(part))} {(asked.FromHold ? "are on hold" : "wait to be graded")}.", line.Line, part is null ? 0 : WaitingOf(part));
            if (asked.Disposition == ReturnDisposition.Restock && await RestockRefusalAsync(tx, line, asked) is { } refusal)
                return refusal;

            judged.Add(Judge(one, line, part, asked, cause, caller, one.Judgements.Count + judged.Count + 1, tx.Now));
            after = after.With(line with
            {
                Parts = [.. line.Parts.Select(other => other.Lot == part.Lot ? other.Settle(asked.Quantity, asked.Disposition, asked.FromHold) : other)],
                RefundAmount = line.RefundAmount + judged[^1].RefundAmount,
            });

            int WaitingOf(ReturnPart part) => asked.FromHold ? part.OnHold : part.ToGrade;
        }

        if (check.Failed)
            return new ReturnOutcome.Faulty(check.Faults);
        if (judged.Count == 0)
            return new ReturnOutcome.Done(one);

        await SettleAsync(tx, one, judged);
        after = after with { Judgements = [.. one.Judgements, .. judged] };
        await ReturnStore.UpdateAsync(tx, after, [.. after.Lines.Where(line => judged.Any(known => known.Line == line.Line))], judged);
        await TellRefundsAsync(tx, after, judged.Select(known => (known.Line, known.Quantity, known.RefundAmount)));
        return new ReturnOutcome.Done(after);
    });

    // What could not be delivered is on the book already: what of it may be sold is, the rest is held and waits here to be graded. The
    // customer never had it, so that all of its price is due at once.
    private async Task TakeUndeliveredAsync(Tx tx, PartnerId seller, ParcelReturnedEvent parcel)
    {
        if (await orders.FindAsync(tx, seller, parcel.Order) is not { } order)
            return; // An order is never deleted; one that a damaged store has lost holds nobody up.

        List<ReturnLine> lines = [];
        List<ReturnJudgement> judged = [];
        foreach (var came in parcel.Units)
        {
            var allocation = order.Fulfilments.First(one => one.Id == parcel.Fulfilment).Allocations.First(one => one.Line == came.Line && one.Owner == came.Owner);
            var line = (await LineAsync(tx, order, lines.Count + 1, allocation, came.Quantity, ReturnReason.Undelivered))
                .Receive([.. came.Lots.Select(lot => (lot.Code, lot.Quantity)), ("", came.Quantity - came.Lots.Sum(lot => lot.Quantity))]);
            line = line with { RefundAmount = ReturnRules.Refund(line.PriceAmount, came.Quantity, 100) };
            foreach (var part in came.IsRestocked ? line.Parts : [])
            {
                judged.Add(new ReturnJudgement { Number = judged.Count + 1, Line = line.Line, Cause = "undelivered", Lot = part.Lot, Quantity = part.Received, Grade = ReturnGrade.New, Disposition = ReturnDisposition.Restock, RefundPercent = 100, RefundAmount = 0, GradedBy = "caravan", At = tx.Now });
                line = line with { Parts = [.. line.Parts.Select(other => other.Lot == part.Lot ? other.Settle(part.Received, ReturnDisposition.Restock, isFromHold: false) : other)] };
            }

            lines.Add(line);
        }

        var made = await NewAsync(tx, order, ReturnKind.Undelivered, parcel.Location, parcel.Operator, "caravan", tx.Now, lines) with { IsComplete = true, Judgements = judged };
        await ReturnStore.InsertAsync(tx, made);
        foreach (var line in lines)
            await ReturnStore.AddReceiptAsync(tx, made, line.Line, "undelivered", line.Received, "caravan");
        await TellRefundsAsync(tx, made, lines.Select(line => (line.Line, line.Quantity, line.RefundAmount)));
    }

    private async Task<ReturnLine> LineAsync(Tx tx, Order order, int number, Allocation allocation, int units, ReturnReason reason)
    {
        var line = order.Lines[allocation.Line - 1];
        var owned = await catalog.ByIdAsync(tx, allocation.Owner, [allocation.Item]);
        var sold = await catalog.ByIdAsync(tx, order.Seller, [line.Item]);
        return new ReturnLine
        {
            Line = number,
            OrderLine = line.Line,
            Fulfilment = allocation.Fulfilment,
            From = allocation.Location,
            Owner = allocation.Owner,
            Item = allocation.Item,
            Sku = line.Sku,
            Name = line.Name,
            Reason = reason,
            Quantity = units,
            PriceAmount = line.PriceAmount,
            NeedsRelease = line.TemperatureClass != TemperatureClass.Ambient || owned is not [{ IsReleasedByHand: false }] || sold is not [{ IsReleasedByHand: false }],
        };
    }

    private static async Task<Return> NewAsync(Tx tx, Order order, ReturnKind kind, LocationId location, PartnerId @operator, string by, DateTimeOffset until, List<ReturnLine> lines)
    {
        var id = ReturnId.New(tx.Now);
        while (await ReturnStore.IsTakenAsync(tx, order.Seller, ReturnCode.Of(id)))
            id = ReturnId.New(tx.Now);
        return new Return
        {
            Seller = order.Seller,
            Id = id,
            Order = order.Id,
            OrderNumber = order.Number,
            Kind = kind,
            Code = ReturnCode.Of(id),
            Location = location,
            Operator = @operator,
            Currency = order.Currency,
            AuthorisedBy = by,
            AuthorisedAt = tx.Now,
            AuthoriseUntil = until,
            Lines = lines,
        };
    }

    private static async Task<ReturnOutcome> OpenAsync(Tx tx, Caller caller, ReturnId id, bool isOfSeller, Func<Return, Task<ReturnOutcome>> act)
    {
        if (await ReturnStore.FindAsync(tx, caller.Tenant, id) is not { } one)
            return new ReturnOutcome.Unknown();
        if (caller.Tenant != (isOfSeller ? one.Seller : one.Operator))
            return new ReturnOutcome.Refused(ReturnRefusal.NotYours, isOfSeller ? "Its seller sends it off and calls it off." : "It goes to a location that another company runs: its people receive and grade it.");

        return await act(one);
    }

    private static async Task<bool> IsKnownAsync(Tx tx, Return one, string cause)
    {
        foreach (var line in one.Lines)
        {
            if (await ReturnStore.IsReceivedAsync(tx, one, line.Line, cause))
                return true;
        }

        return false;
    }

    private async Task<ReturnOutcome.Refused?> RestockRefusalAsync(Tx tx, ReturnLine line, ReturnGrading asked)
    {
        // An item may have become one since it was authorised.
        var needsRelease = line.NeedsRelease || await catalog.ByIdAsync(tx, line.Owner, [line.Item]) is not [{ IsReleasedByHand: false }];
        return ReturnRules.RestockingOf(asked.Grade, line.Reason, needsRelease) switch
        {
            ReturnRules.Restocking.Never => new ReturnOutcome.Refused(ReturnRefusal.NotRestockable, $"Line {line.Line} cannot be sold again: hold it, write it off, or give it back to its owner.", line.Line),
            ReturnRules.Restocking.OnRelease when asked.Release is null => new ReturnOutcome.Refused(ReturnRefusal.ReleaseNeeded, $"Line {line.Line} is not sold again by itself: say in 'release' who of quality lets it, and on what ground; or hold it.", line.Line),
            _ => null,
        };
    }

    private static ReturnJudgement Judge(Return one, ReturnLine line, ReturnPart part, ReturnGrading asked, string cause, Caller caller, int number, DateTimeOffset now)
    {
        // Paid back is once: not for what was graded before, and not for what never was delivered.
        var isPaid = !asked.FromHold && one.Kind == ReturnKind.Customer;
        var percent = isPaid ? asked.Refund?.Percent ?? line.RefundPercent : 0;
        return new ReturnJudgement
        {
            Number = number,
            Line = line.Line,
            Cause = cause,
            Lot = part.Lot,
            Quantity = asked.Quantity,
            Grade = asked.Grade,
            Disposition = asked.Disposition,
            IsFromHold = asked.FromHold,
            ReleasedBy = asked.Disposition == ReturnDisposition.Restock ? asked.Release?.By : null,
            ReleaseNote = asked.Disposition == ReturnDisposition.Restock ? asked.Release?.Note : null,
            Note = asked.Note,
            RefundPercent = percent,
            RefundReason = isPaid ? asked.Refund is { } refund ? refund.Reason : line.RefundReason : null,
            RefundAmount = ReturnRules.Refund(line.PriceAmount, asked.Quantity, percent),
            GradedBy = caller.Name,
            At = now,
        };
    }

    private async Task SettleAsync(Tx tx, Return one, List<ReturnJudgement> judged)
    {
        foreach (var (known, line) in judged.Where(known => known.Disposition is not (ReturnDisposition.Hold or ReturnDisposition.Refurbish))
            .Select(known => (Known: known, Line: one.Lines.First(line => line.Line == known.Line))).OrderBy(row => (row.Line.Owner, row.Line.Item, row.Known.Number)))
        {
            await stock.SettleAsync(
                tx,
                new StockTake(line.Owner, line.Item, one.Location, known.Quantity),
                known.Lot.Length == 0 ? null : known.Lot,
                isRestocked: known.Disposition == ReturnDisposition.Restock,
                $"grade {one.Id} {known.Number}");
        }
    }

    private async Task TellRefundsAsync(Tx tx, Return one, IEnumerable<(int Line, int Quantity, long Amount)> due)
    {
        foreach (var ofLine in due.Where(row => row.Amount > 0).GroupBy(row => row.Line))
        {
            var line = one.Lines.First(line => line.Line == ofLine.Key);
            var told = new RefundDueEvent(one.Id, one.Order, one.OrderNumber, line.Line, line.OrderLine, ofLine.Sum(row => row.Quantity), new Money(ofLine.Sum(row => row.Amount), one.Currency));
            await outbox.AddAsync(tx, one.Seller, RefundDueEvent.Type, one.Id.ToString(), told, ReturnJson.Default.RefundDueEvent);
        }
    }

    private static ReturnOutcome.Refused Over(ReturnState state) => new(ReturnRefusal.Over, state switch
    {
        ReturnState.Cancelled => "It was called off. Authorise a new one with POST /v1/returns.",
        ReturnState.Expired => "Its time is over. Authorise a new one with POST /v1/returns.",
        _ => "All of it has come. What came besides is another return.",
    });
}
