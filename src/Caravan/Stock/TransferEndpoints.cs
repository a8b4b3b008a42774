using System.Diagnostics;
using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>A company's transfers between its own locations: send, receive, read.</summary>
internal static class TransferEndpoints
{
    private const int LinesMax = 1_000;
    private const int LongestReference = 100;

    public static void MapTransferEndpoints(this IEndpointRouteBuilder routes)
    {
        var transfers = routes.MapGroup("/v1/stock/transfers").WithTags("Stock").NeedsScope(Area.Stock);
        transfers.MapGet("", List).WithSummary("Your transfers, newest first").Produces<Page<TransferBody>>();
        transfers.MapGet("/{id}", Get).WithSummary("A transfer: what was sent, and what has come").Produces<TransferBody>().ProducesProblem(404);
        transfers.MapPost("", Send).WithSummary("Send goods from a location of yours to another; in transit nobody can reserve them").Produces<TransferBody>(201).ProducesProblem(400).ProducesProblem(409);
        transfers.MapPost("/{id}:receive", Receive).WithSummary("What of a transfer has come; without lines, all that is left").Produces<TransferBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> List(Caller caller, Store store, CancellationToken cancel, string? state = null, TransferId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<TransferBody>.Longest).Word<TransferState>(state, "?state", out var wanted);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => TransferStore.ListAsync(db, caller.Tenant, wanted, cursor, limit + 1), cancel);
        return TypedResults.Ok(Page<TransferBody>.Of(rows.ConvertAll(TransferBody.Of), limit, transfer => transfer.Id.ToString()));
    }

    private static async Task<IResult> Get(TransferId id, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => TransferStore.FindAsync(db, caller.Tenant, id), cancel) is { } transfer ? TypedResults.Ok(TransferBody.Of(transfer)) : Problem.NotFound("transfer");

    private static async Task<IResult> Send(HttpContext context, Caller caller, SendBody body, TransferDesk desk, NamedItems names, NetworkMap map, FeedCodes codes, IdempotentWrites writes)
    {
        var check = NamedItems.Check(new Check(), body.Lines, LinesMax, least: 1).Text(body.Reference, "#/reference", LongestReference).That(body.From != body.To, "#/to", "Goods are sent to another location than they come from.");
        if (check.Failed)
            return check.Refusal;

        var network = await map.CurrentAsync(context.RequestAborted);
        return await writes.RunAsync(context, caller, async tx =>
        {
            var found = new Check();
            var places = await codes.PlacesAsync(tx, network, caller.Tenant, tx.Now);
            found.That(places.Contains(body.From), "#/from", "There is no such location where you may hold stock.")
                .That(places.Contains(body.To), "#/to", "There is no such location where you may hold stock.")
                .That(body.ExpectedAt is null || body.ExpectedAt >= tx.Now, "#/expectedAt", "Goods that are sent now arrive later.");
            var items = await names.FindAsync(tx, caller.Tenant, body.Lines.ConvertAll(line => (line.Item, line.Sku)), found);
            for (var i = 0; i < items.Length; i++)
                found.That(items[i] is not { } item || network.Find(body.To) is not { } to || (to.TemperatureMask & (1u << (int)item.TemperatureClass)) != 0, $"#/lines/{i}/item", $"It is kept {items[i]?.TemperatureClass}, and the location it goes to cannot.");
            if (found.Failed)
                return Outcome.Refuse(found.Refusal);

            var transfer = new Transfer
            {
                Owner = caller.Tenant,
                Id = TransferId.New(tx.Now),
                From = body.From,
                To = body.To,
                Reference = body.Reference,
                SentAt = tx.Now,
                ExpectedAt = body.ExpectedAt ?? tx.Now,
                Lines = [.. body.Lines.Select((line, i) => new TransferLine(items[i]!.Id, line.Quantity, 0) { Lots = [.. (line.Lots ?? []).Select(lot => new TransferLot(lot.Code, lot.ExpiresOn, lot.Quantity, 0))] })], // All were found.
            };
            return await desk.SendAsync(tx, transfer) switch
            {
                SendOutcome.Sent sent => new Answer(201, TransferBody.Of(sent.Transfer), $"/v1/stock/transfers/{sent.Transfer.Id}"),
                SendOutcome.Known known => Outcome.Refuse(Problem.Of(409, "transfer-exists", "This transfer exists", $"You have a transfer '{body.Reference}': see GET /v1/stock/transfers/{known.Transfer}.", ("transfer", known.Transfer.ToString()))),
                SendOutcome.NotTheseLots lots => Outcome.Refuse(Problem.Of(409, "lot-not-free", "These lots cannot go", lots.Refusal.Detail, ("item", lots.Item.ToString()))),
                SendOutcome.Short lacking => Outcome.Refuse(Lacking(lacking)),
                _ => throw new UnreachableException(),
            };
        });
    }

    private static async Task<IResult> Receive(HttpContext context, TransferId id, Caller caller, ReceiveBody body, TransferDesk desk, NamedItems names, IdempotentWrites writes)
    {
        var check = new Check().Text(body.Cause, "#/cause", LongestReference);
        if (body.Lines is { } lines)
        {
            NamedItems.Check(check, lines, LinesMax, least: 0);
            for (var i = 0; i < lines.Count; i++)
                check.That(lines[i]?.Lots is null, $"#/lines/{i}/lots", "A transfer knows its lots: they come as they were sent, those that expire first first.");
        }

        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx =>
        {
            if (await TransferStore.FindAsync(tx, caller.Tenant, id) is not { } transfer)
                return Outcome.Refuse(Problem.NotFound("transfer"));

            var found = new Check();
            var came = transfer.Lines.ToDictionary(line => line.Item, line => line.Quantity - line.Received);
            if (body.Lines is { } lines)
            {
                var items = await names.FindAsync(tx, caller.Tenant, lines.ConvertAll(line => (line.Item, line.Sku)), found);
                for (var i = 0; i < items.Length; i++)
                    found.That(items[i] is not { } item || came.ContainsKey(item.Id), $"#/lines/{i}/item", "It was not sent with this transfer.");
                if (found.Failed)
                    return Outcome.Refuse(found.Refusal);

                came = items.Select((item, i) => (item!.Id, lines[i].Quantity)).ToDictionary(); // All were found.
            }

            // Repeating what was received by this cause changes nothing, also once the transfer is closed.
            came = await TransferDesk.NewAsync(tx, transfer, came, body.Cause);
            if (came.Count == 0 && (!body.IsLast || transfer.State != TransferState.InTransit))
                return new Answer(200, TransferBody.Of(transfer));
            if (transfer.State != TransferState.InTransit)
                return Outcome.Refuse(Problem.Of(409, "transfer-closed", "Nothing more of it is to come", "The transfer is closed. What turns up now is an adjustment: POST /v1/stock/adjustments."));

            foreach (var line in transfer.Lines.Where(line => came.GetValueOrDefault(line.Item) > line.Quantity - line.Received))
                found.That(false, "#/lines", $"Of {line.Item} {line.Quantity - line.Received} are on their way. What came besides is a receipt: POST /v1/stock/receipts.");
            if (found.Failed)
                return Outcome.Refuse(found.Refusal);

            return await desk.ReceiveAsync(tx, transfer, came, body.Cause, body.IsLast) is { } after
                ? new Answer(200, TransferBody.Of(after))
                : Outcome.Refuse(found.That(false, "#/lines", $"With this a cell would hold more than {StockCellState.OnHandMax}.").Refusal);
        });
    }

    private static IResult Lacking(SendOutcome.Short lacking) => Problem.Of(
        409,
        "not-enough-free",
        "Not enough is free",
        "Some of it is reserved, held or not there: send what is free, or source the orders that wait for it from elsewhere first.",
        ("lines", lacking.Lacking.Select(one => new FreeBody(one.Item, one.Free)).ToList()));
}

/// <summary>Goods to send to another location. The reference is your own number of the transfer.</summary>
internal sealed record SendBody(LocationId From, LocationId To, string Reference, List<ItemLineBody> Lines)
{
    public DateTimeOffset? ExpectedAt { get; init; }
}

/// <summary>What came: some lines, or all that is left. The cause (a goods-received note) makes it be counted once; isLast closes the transfer with what has come.</summary>
internal sealed record ReceiveBody(string Cause)
{
    public List<ItemLineBody>? Lines { get; init; }
    public bool IsLast { get; init; }
}

/// <summary>How many of an item are free to be sent.</summary>
internal sealed record FreeBody(ItemId Item, int Free);

/// <summary>A transfer as it is answered.</summary>
internal sealed record TransferBody(TransferId Id, LocationId From, LocationId To, string Reference, TransferState State, DateTimeOffset SentAt, DateTimeOffset ExpectedAt, DateTimeOffset? ClosedAt, IReadOnlyList<TransferLine> Lines)
{
    public static TransferBody Of(Transfer transfer) =>
        new(transfer.Id, transfer.From, transfer.To, transfer.Reference, transfer.State, transfer.SentAt, transfer.ExpectedAt, transfer.ClosedAt, transfer.Lines);
}
