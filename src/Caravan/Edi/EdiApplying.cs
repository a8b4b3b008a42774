using System.Globalization;
using Caravan.Engines.Edi;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Edi;

/// <summary>
/// Lets a message take effect, once: what became of it is written in the transaction of the effect. An order is placed by the desk
/// in a transaction of its own; its number, unique for ever, is what keeps it from being placed twice.
/// </summary>
internal sealed class EdiApplying(Store store, NetworkMap map, FeedDoor feeds, OrderDesk orders, NodeAnswers nodes)
{
    /// <summary>What became of it; none when it was applied before.</summary>
    public async Task ApplyAsync(TradingPartner partner, EdiInterchangeId interchange, int number, EdiItem.Document document, CancellationToken cancel)
    {
        var message = new KeptMessage(number, document.Message.Type, document.Message.ControlNumber, ReferenceOf(document.Content), MessageState.Noted, new MessageResult("Kept; nothing follows from it.", []));
        if (await store.ReadAsync(db => EdiStore.IsAppliedAsync(db, partner.Tenant, interchange, number), cancel) > 0)
            return;

        if (!partner.Takes(document.Message.Type))
        {
            await KeepAsync(Refused(message, $"{document.Message.Type} is not agreed on with this trading partner."));
            return;
        }

        switch (document.Content)
        {
            case InventoryReport report:
                await StockAsync(partner, interchange, message, report, document.Interchange.Envelope, cancel);
                break;
            case PurchaseOrder order:
                await OrderAsync(partner, interchange, message, order, cancel);
                break;
            case WarehouseAdvice advice:
                await NodeAsync(partner, interchange, message, tx => ShippedAsync(tx, partner, message, advice, cancel), cancel);
                break;
            case DespatchAdvice advice:
                await NodeAsync(partner, interchange, message, tx => ShippedAsync(tx, partner, message, advice, cancel), cancel);
                break;
            case OrderResponse response:
                await NodeAsync(partner, interchange, message, tx => AnsweredAsync(tx, partner, message, response, cancel), cancel);
                break;
            case GroupAnswer answer:
                await AnswerAsync(answer.ControlNumber.PadLeft(9, '0'), answer.Verdict);
                break;
            case InterchangeAnswer answer:
                await AnswerAsync(answer.ControlNumber, answer.Messages.Any(one => one.Verdict == EdiVerdict.Rejected) ? EdiVerdict.Rejected : answer.Verdict);
                break;
            default:
                await KeepAsync(message);
                break;
        }

        Task KeepAsync(KeptMessage kept) => store.WriteAsync(tx => EdiStore.InsertMessageAsync(tx, partner.Tenant, interchange, kept), cancel);

        Task AnswerAsync(string control, EdiVerdict verdict) => store.WriteAsync(async tx =>
        {
            await EdiStore.AnsweredAsync(tx, partner, control, verdict is EdiVerdict.Accepted or EdiVerdict.AcceptedWithErrors);
            await EdiStore.InsertMessageAsync(tx, partner.Tenant, interchange, message);
        }, cancel);
    }

    private static KeptMessage Refused(KeptMessage message, string why, IReadOnlyList<LineAdvice>? lines = null) =>
        message with { State = MessageState.Rejected, Result = new MessageResult(why, lines is { Count: > 0 } ? lines : [new LineAdvice("", "024", why)]) { IsRefused = true } };

    private async Task StockAsync(TradingPartner partner, EdiInterchangeId interchange, KeptMessage message, InventoryReport report, EdiEnvelope envelope, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        await store.WriteAsync(async tx =>
        {
            if (await EdiStore.IsAppliedAsync(tx, partner.Tenant, interchange, message.Number) == 0)
                await EdiStore.InsertMessageAsync(tx, partner.Tenant, interchange, await TakeAsync(tx));
        }, cancel);

        async Task<KeptMessage> TakeAsync(Tx tx)
        {
            if (partner.Settings.Feed is not { } feed || await feeds.MannerAsync(tx, partner.Tenant, feed) is not { } manner)
                return Refused(message, "Nobody has said which feed this trading partner's stock speaks through.");

            var reading = InventoryReading.Of(report, partner.Settings, manner);
            if (reading.IsSnapshot && reading.Lines.Count == 0)
                return Refused(message, "A report without lines says nothing: it is not read as empty shelves.");

            // A report with a day and no time is as of the moment its envelope was made, if that was the same day.
            var at = report.Date is { } date && (date.Time is not null || date.Day != envelope.PreparedAt?.Day) ? date : envelope.PreparedAt ?? EdiReplies.DateOf(tx.Now);
            switch (await feeds.TakeAsync(tx, network, partner.Tenant, feed, reading.IsSnapshot, new DateTimeOffset(at.At, TimeSpan.Zero), reading.Lines))
            {
                case StockTaken.Refused refused:
                    return Refused(message, refused.Why);
                case StockTaken.Taken taken:
                    List<LineAdvice> rejected = [.. taken.Rejected.Select(line => new LineAdvice(NameOf(report.Lines[line.Number - 1], line.Number), line.Reason == "duplicate-line" ? "006" : "848", line.Detail) { Tag = "LIN", Segment = report.Lines[line.Number - 1].At.Segment })];
                    var state = rejected.Count == 0 ? MessageState.Applied : rejected.Count < reading.Lines.Count ? MessageState.Partly : MessageState.Rejected;
                    var sentence = taken.IsWaiting ? "It would take away too much, and waits for a person to accept it." : string.Create(CultureInfo.InvariantCulture, $"{reading.Lines.Count - rejected.Count} of {reading.Lines.Count} lines are in the book.");
                    return message with { State = state, Result = new MessageResult(sentence, rejected) { Document = taken.Document } };
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
    }

    private static string NameOf(InventoryLine line, int number) => line.Line.Length > 0 ? line.Line : number.ToString(CultureInfo.InvariantCulture);

    private async Task OrderAsync(TradingPartner partner, EdiInterchangeId interchange, KeptMessage message, PurchaseOrder asked, CancellationToken cancel)
    {
        var reading = OrderReading.Of(asked, partner);
        var outcome = reading.Request is null ? null : await orders.PlaceAsync(reading.Request, cancel);
        await store.WriteAsync(async tx =>
        {
            if (await EdiStore.IsAppliedAsync(tx, partner.Tenant, interchange, message.Number) > 0)
                return;

            var (kept, order) = await OutcomeAsync(tx);
            if (order is { } placed)
                await EdiStore.InsertOrderAsync(tx, partner.Tenant, placed, partner.Id, interchange, asked.Number, reading.Lines);
            await EdiStore.InsertMessageAsync(tx, partner.Tenant, interchange, kept);
        }, cancel);

        async Task<(KeptMessage Kept, OrderId? Order)> OutcomeAsync(Tx tx)
        {
            switch (outcome)
            {
                case null:
                    return (Refused(message, "The order cannot be read as one of ours.", reading.Faults), null);
                case PlaceOutcome.Placed placed:
                    return (Placed(placed.Order), placed.Order.Id);
                case PlaceOutcome.Known known when await EdiStore.OrderAsync(tx, partner.Tenant, known.Order) is null && await orders.FindAsync(tx, partner.Tenant, known.Order) is { } mine:
                    // Placed by this very message, before the server died: nobody has noted it yet.
                    return (Placed(mine), mine.Id);
                case PlaceOutcome.Known:
                    return (Refused(message, $"Order {asked.Number} came before.", [new LineAdvice("", "006", $"Order {asked.Number} came before; a number never becomes two orders.")]), null);
                case PlaceOutcome.Refused refused:
                    return (message with { State = MessageState.Rejected, Result = new MessageResult(refused.Sentence, []) { Response = ResponseStatus.Rejected } }, null);
                case PlaceOutcome.Faulty faulty:
                    return (Refused(message, "The order has faults.", [.. faulty.Faults.Select(fault => new LineAdvice(LineOf(fault.Pointer), "848", fault.Detail))]), null);
                default:
                    return (Refused(message, "The order cannot be placed."), null);
            }
        }

        KeptMessage Placed(Order order) => message with
        {
            State = MessageState.Applied,
            Result = new MessageResult($"Order {order.Id}.", []) { Order = order.Id, Response = ResponseStatus.Accepted },
        };

        string LineOf(string? pointer) => pointer?.Split('/') is ["#", "lines", var index, ..] && int.TryParse(index, CultureInfo.InvariantCulture, out var line) && line < asked.Lines.Count ? asked.Lines[line].Line : "";
    }

    // A node's word on what it was told to ship: taken whole, or refused and nothing of it taken.
    private async Task NodeAsync(TradingPartner partner, EdiInterchangeId interchange, KeptMessage message, Func<Tx, Task<KeptMessage>> take, CancellationToken cancel)
    {
        KeptMessage? refusal = null;
        await store.WriteAsync(async tx =>
        {
            refusal = null;
            if (await EdiStore.IsAppliedAsync(tx, partner.Tenant, interchange, message.Number) > 0)
                return;

            var kept = await take(tx);
            if (kept.State == MessageState.Rejected)
            {
                refusal = kept;
                tx.Undo();
            }
            else
            {
                await EdiStore.InsertMessageAsync(tx, partner.Tenant, interchange, kept);
            }
        }, cancel);
        if (refusal is not null)
            await store.WriteAsync(tx => EdiStore.InsertMessageAsync(tx, partner.Tenant, interchange, refusal), cancel);
    }

    private async Task<KeptMessage> AnsweredAsync(Tx tx, TradingPartner partner, KeptMessage message, OrderResponse response, CancellationToken cancel) =>
        await nodes.AnswerAsync(tx, partner, response, cancel) is { } word ? Of(message, word) : message;

    private async Task<KeptMessage> ShippedAsync(Tx tx, TradingPartner partner, KeptMessage message, WarehouseAdvice advice, CancellationToken cancel)
    {
        List<NodeLine> lines = [.. advice.Lines.Select(line => new NodeLine(line.Line, line.At.Segment, line.Items, line.Shipped, line.Unit, line.Lot))];
        return await nodes.ShippedAsync(tx, partner, advice.Number, "W12", lines, cancel) is { } word
            ? Of(message, word)
            : Refused(message, $"There is no shipping order {advice.Number} of ours that this warehouse was told of.");
    }

    // What is on its way to us for another reason is kept, as ever.
    private async Task<KeptMessage> ShippedAsync(Tx tx, TradingPartner partner, KeptMessage message, DespatchAdvice advice, CancellationToken cancel)
    {
        List<NodeWord> words = [];
        foreach (var (number, lines) in NodeAnswers.OrdersOf(advice))
        {
            if (await nodes.ShippedAsync(tx, partner, number, "LIN", lines, cancel) is not { } word)
                continue;
            if (!word.IsTaken)
                return Of(message, word);
            words.Add(word);
        }

        return words.Count == 0 ? message : Of(message, new NodeWord(string.Join(' ', words.Select(word => word.Sentence))));
    }

    private static KeptMessage Of(KeptMessage message, NodeWord word) =>
        word.IsTaken ? message with { State = MessageState.Applied, Result = new MessageResult(word.Sentence, []) } : Refused(message, word.Sentence, word.Faults);

    private static string ReferenceOf(EdiContent? content) => content switch
    {
        InventoryReport report => report.Number,
        PurchaseOrder order => order.Number,
        OrderResponse response => response.Number,
        DespatchAdvice advice => advice.Number,
        WarehouseOrder order => order.Number,
        WarehouseAdvice advice => advice.Number,
        ApplicationAdvice advice => advice.Number,
        GroupAnswer answer => answer.ControlNumber,
        InterchangeAnswer answer => answer.ControlNumber,
        _ => "",
    };
}
