using System.Diagnostics;
using System.Globalization;
using Caravan.Network;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>One line of stock that another room has read, in the partner's codes.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Location">What the partner calls the place.</param>
/// <param name="Item">What the partner calls the item.</param>
/// <param name="Quantity">How much, as written.</param>
/// <param name="IsChange">Whether it came or went, instead of being there.</param>
public sealed record StockLine(int Number, string Location, string Item, string Quantity, bool IsChange)
{
    /// <summary>Why the line cannot be taken; its cell then stays as it is, also in a snapshot.</summary>
    public string? Fault { get; init; }
}

/// <summary>A line that was not taken.</summary>
public sealed record StockLineRejected(int Number, string Reason, string Detail);

/// <summary>What became of a partner's stock.</summary>
public abstract record StockTaken
{
    private StockTaken()
    {
    }

    /// <summary>It is in the book; <paramref name="IsWaiting"/>: it would take away too much, and waits for a person.</summary>
    public sealed record Taken(FeedDocumentId Document, bool IsWaiting, IReadOnlyList<StockLineRejected> Rejected) : StockTaken;

    /// <summary>Nothing of it was taken; nothing has changed.</summary>
    public sealed record Refused(string Why) : StockTaken;
}

/// <summary>How a feed is meant.</summary>
/// <param name="IsNet">Whether it tells what may be sold, instead of what lies on the shelf.</param>
/// <param name="IsByGtin">Whether its items are named by GTIN, or else by SKU; null: by a mapping alone.</param>
public sealed record FeedManner(bool IsNet, bool? IsByGtin);

/// <summary>The way into the book for stock that comes by another door than the feeds' own: it goes through the same intake, mapping, breaker and ledger.</summary>
public sealed class FeedDoor
{
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan OldestAsOf = TimeSpan.FromDays(366);
    private readonly FeedIntake intake;
    private readonly TimeProvider clock;

    internal FeedDoor(FeedIntake intake, TimeProvider clock)
    {
        this.intake = intake;
        this.clock = clock;
    }

    /// <summary>How an owner's feed is meant; null when there is no such feed.</summary>
    public async Task<FeedManner?> MannerAsync(Db db, PartnerId owner, FeedId feed) =>
        await FeedStore.FindAsync(db, owner, feed) is { } found ? new FeedManner(found.IsNetOfOrders, found.ItemCodes switch { ItemCodes.Gtin => true, ItemCodes.Sku => false, _ => null }) : null;

    /// <summary>
    /// Takes a partner's figures (a snapshot of the places that its lines name), or its changes, in the caller's transaction.
    /// Each line that is rejected is kept with its feed, as of any other document.
    /// </summary>
    public async Task<StockTaken> TakeAsync(Tx tx, NetworkSnapshot network, PartnerId owner, FeedId id, bool isSnapshot, DateTimeOffset asOf, IReadOnlyList<StockLine> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        if (await FeedStore.FindAsync(tx, owner, id) is not { } feed)
            return new StockTaken.Refused("The feed of this trading partner is gone.");
        if (lines.Count > FeedDraft.LinesMax)
            return new StockTaken.Refused(string.Create(CultureInfo.InvariantCulture, $"At most {FeedDraft.LinesMax} lines; this has {lines.Count}."));

        var now = clock.GetUtcNow();
        if (asOf > now + ClockSlack)
            return new StockTaken.Refused("Figures from the future are not taken; check the clock of the system that sends them.");
        if (asOf < now - OldestAsOf)
            return new StockTaken.Refused("These figures are more than a year old.");

        var draft = new FeedDraft(
            isSnapshot ? DocumentKind.Snapshot : DocumentKind.Delta,
            asOf,
            null,
            new FeedScope { IsLocationsInFile = isSnapshot },
            [.. lines.Select(line => new FeedLine(line.Number, Short(line.Location), Short(line.Item), Short(line.Quantity), line.IsChange) { Fault = line.Fault })]);
        var outcome = await intake.TakeAsync(tx, network, feed, draft, _ => { });
        return outcome switch
        {
            { Answer.Value: FeedReceipt { Document: { } document } receipt } => new StockTaken.Taken(
                document.Id, receipt.Outcome == DocumentOutcome.Waiting, [.. receipt.All.OrderBy(line => line.Line).Select(line => new StockLineRejected(line.Line, line.Reason, line.Detail))]),
            { Refusal: Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult problem } => new StockTaken.Refused(problem.ProblemDetails.Detail ?? problem.ProblemDetails.Title ?? ""),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>A person lets a document through the breaker, or throws it away; false when none of that id waits, or it can no longer be taken.</summary>
    public async Task<bool> DecideAsync(Tx tx, NetworkSnapshot network, PartnerId owner, FeedId id, FeedDocumentId document, bool isTrue)
    {
        if (await FeedStore.FindAsync(tx, owner, id) is not { } feed || await FeedDocumentStore.FindAsync(tx, feed, document) is not { State: DocumentState.Waiting } waiting)
            return false;
        if (isTrue)
            return (await intake.AcceptAsync(tx, network, feed, waiting)).Refusal is null;

        await FeedIntake.DiscardAsync(tx, feed, waiting);
        return true;
    }

    private static string Short(string text) => text.Trim() is var trimmed && trimmed.Length <= FeedEndpoints.LongestCode ? trimmed : trimmed[..FeedEndpoints.LongestCode];
}
