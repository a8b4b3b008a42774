using Caravan.Engines.Edi;
using Caravan.Orders;
using Caravan.Platform.Storage;

namespace Caravan.Edi;

/// <summary>What became of bytes that came: interchanges, each kept, or what keeps them from being taken at all.</summary>
internal abstract record EdiTaken
{
    private EdiTaken()
    {
    }

    /// <summary>They are kept, and answered.</summary>
    public sealed record Kept(IReadOnlyList<EdiInterchangeId> Interchanges, bool IsRepeated) : EdiTaken;

    /// <summary>They are no interchange of anybody known: nothing was kept.</summary>
    public sealed record Refused(string Why) : EdiTaken;
}

/// <summary>
/// Takes interchanges: keep, apply message by message, answer. Whatever dies in between, sending the same bytes again goes on where it
/// stopped; when all is done, it brings the same answers.
/// </summary>
internal sealed class EdiDesk(Store store, EdiApplying applying, OrderDesk orders)
{
    private const int InterchangesMax = 100;

    /// <summary>Takes the bytes of a file or request.</summary>
    public async Task<EdiTaken> TakeAsync(PartnerId tenant, byte[] bytes, CancellationToken cancel)
    {
        var items = EdiReader.ReadAll(bytes);
        if (items.OfType<EdiItem.Foreign>().FirstOrDefault() is { Fault: var stray })
            return new EdiTaken.Refused($"At byte {stray.At.Offset} ('{stray.Value}'): {stray.Detail}");

        var ends = items.OfType<EdiItem.InterchangeEnd>().Select(item => item.Interchange).ToList();
        if (ends.Count is 0 or > InterchangesMax)
            return new EdiTaken.Refused(ends.Count == 0 ? "There is no interchange in it: it begins with ISA, UNA or UNB." : $"At most {InterchangesMax} interchanges at once.");

        List<(EdiInterchange Read, TradingPartner Partner)> known = [];
        foreach (var read in ends)
        {
            var sender = read.Envelope.Sender;
            if (read.Envelope.ControlNumber.Length == 0 || await store.ReadAsync(db => EdiStore.PartnerAsync(db, tenant, sender), cancel) is not { } partner)
                return new EdiTaken.Refused($"At byte {read.Offset}: no trading partner of yours is addressed as '{sender}'. Add it with POST /v1/edi/partners.");
            known.Add((read, partner));
        }

        List<EdiInterchangeId> ids = [];
        var isRepeated = true;
        foreach (var (read, partner) in known)
        {
            var raw = bytes.AsSpan((int)read.Offset, (int)Math.Min(read.Length, bytes.Length - read.Offset)).ToArray();
            var documents = items.OfType<EdiItem.Document>().Where(document => document.Interchange == read).ToList();
            var (id, wasThere) = await TakeAsync(partner, read, documents, raw, cancel);
            ids.Add(id);
            isRepeated &= wasThere;
        }

        return new EdiTaken.Kept(ids, isRepeated);
    }

    private async Task<(EdiInterchangeId Id, bool WasThere)> TakeAsync(TradingPartner partner, EdiInterchange read, List<EdiItem.Document> documents, byte[] raw, CancellationToken cancel)
    {
        var (kept, isRepeatedNumber) = await store.WriteAsync(async tx =>
        {
            var same = await EdiStore.SameAsync(tx, partner, read.Envelope.ControlNumber);
            var hash = EdiReplies.HashOf(raw);
            if (same.Find(one => one.ContentHash == hash) is { } before)
                return (before, false);

            var types = documents.Select(document => document.Message.Type).Where(type => type.Length > 0).Distinct().Take(20);
            var fresh = new KeptInterchange(EdiInterchangeId.New(tx.Now), partner.Id, IsOut: false, read.Envelope.Delimiters.Syntax, read.Envelope.ControlNumber, hash, string.Join(' ', types), InterchangeState.Received, null, tx.Now, null);
            await EdiStore.InsertAsync(tx, partner.Tenant, fresh, raw);

            // A number that came with other bytes is the sender's mistake, unless those were refused.
            return (fresh, same.Exists(one => one.State != InterchangeState.Rejected));
        }, cancel);
        if (kept.State != InterchangeState.Received)
            return (kept.Id, true);

        var extra = isRepeatedNumber ? EnvelopeFault(read, EdiFaultKind.Repeated, read.Envelope.Delimiters.Syntax == EdiSyntax.X12 ? 13 : 5, read.Envelope.ControlNumber, "An interchange with this control number and other content came before.")
            : read.Envelope.Receiver != partner.Own ? EnvelopeFault(read, EdiFaultKind.HeaderElement, read.Envelope.Delimiters.Syntax == EdiSyntax.X12 ? 8 : 3, read.Envelope.Receiver.ToString(), $"This trading partner addresses us as {partner.Own}.")
            : null;
        var isRejected = read.IsRejected || extra is not null;
        var isApplied = !isRejected && (!read.Envelope.IsTest || partner.Settings.TakesTests);
        if (isApplied)
        {
            foreach (var (index, document) in documents.Index())
            {
                if (!document.Message.IsRejected && !document.Group.IsRejected)
                    await applying.ApplyAsync(partner, kept.Id, index + 1, document, cancel);
            }
        }

        await store.WriteAsync(async tx =>
        {
            // Somebody else may have been faster with the same bytes.
            if (await EdiStore.FindAsync(tx, partner.Tenant, kept.Id) is not { State: InterchangeState.Received })
                return;

            var messages = await EdiStore.MessagesAsync(tx, partner.Tenant, kept.Id);
            var business = await BusinessAsync(tx, partner, documents, messages);
            await EdiReplies.AnswerAsync(tx, partner, kept, read, extra, business);
            var state = isRejected ? InterchangeState.Rejected : !isApplied ? InterchangeState.Tested : StateOf(documents, messages);
            await EdiStore.FinishAsync(tx, partner.Tenant, kept.Id, state, [.. FaultsOf(read, extra)]);
        }, cancel);
        return (kept.Id, false);
    }

    private static InterchangeState StateOf(List<EdiItem.Document> documents, List<KeptMessage> messages)
    {
        var taken = messages.Count(message => message.State is MessageState.Applied or MessageState.Noted);
        return taken == documents.Count ? InterchangeState.Accepted
            : taken == 0 && !messages.Exists(message => message.State == MessageState.Partly) ? InterchangeState.Rejected
            : InterchangeState.Partly;
    }

    // What is said about what the messages say: 824 or APERAK where something is wrong, 855 or ORDRSP to every order.
    private async Task<List<EdiContent>> BusinessAsync(Tx tx, TradingPartner partner, List<EdiItem.Document> documents, List<KeptMessage> messages)
    {
        List<EdiContent> contents = [];
        foreach (var message in messages)
        {
            var document = documents[message.Number - 1];
            if (message.Result.IsRefused || message.Result.Lines.Count > 0)
            {
                contents.Add(new ApplicationAdvice(message.ControlNumber, message.State == MessageState.Partly ? EdiVerdict.Partly : EdiVerdict.Rejected, message.Type, message.Reference)
                {
                    Date = EdiReplies.DateOf(tx.Now),
                    ControlNumber = message.ControlNumber,
                    Lines = message.Result.Lines,
                });
            }

            if (document.Content is not PurchaseOrder asked || message.Result.Response is not { } response)
                continue;
            var order = message.Result.Order is { } id ? await orders.FindAsync(tx, partner.Tenant, id) : null;
            contents.Add(response == ResponseStatus.Accepted && order is not null
                ? OrderReading.Accepted(asked, order, OrderReading.Of(asked, partner).Lines, EdiReplies.DateOf(tx.Now))
                : OrderReading.Refused(asked, EdiReplies.DateOf(tx.Now)));
        }

        return contents;
    }

    private static EdiFault EnvelopeFault(EdiInterchange read, EdiFaultKind kind, int element, string value, string detail) =>
        new(kind, EdiWeight.Rejects, new EdiPosition(read.Offset, 1, element), read.Envelope.Delimiters.Syntax == EdiSyntax.X12 ? "ISA" : "UNB", value, detail);

    private static IEnumerable<FaultBody> FaultsOf(EdiInterchange read, EdiFault? extra)
    {
        if (extra is not null)
            yield return BodyOf(extra, null);
        foreach (var fault in read.Faults.Kept)
            yield return BodyOf(fault, null);
        foreach (var group in read.Groups)
        {
            foreach (var fault in group.Faults.Kept)
                yield return BodyOf(fault, null);
            foreach (var message in group.Messages)
            {
                foreach (var fault in message.Faults.Kept)
                    yield return BodyOf(fault, message.ControlNumber);
            }
        }

        FaultBody BodyOf(EdiFault fault, string? message) =>
            new(fault.Kind.ToString(), fault.Weight == EdiWeight.Rejects, fault.At.Offset - read.Offset, fault.At.Segment, fault.At.Element, fault.Tag, fault.Value, fault.Detail) { Message = message };
    }
}
