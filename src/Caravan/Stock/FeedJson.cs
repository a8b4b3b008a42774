using System.Text.Json;
using System.Text.Json.Serialization;
using Caravan.Platform.Problems;

namespace Caravan.Stock;

/// <summary>A new feed.</summary>
internal sealed record NewFeedBody(string Name)
{
    /// <summary>Whether its figures already leave out what is reserved on Caravan.</summary>
    public bool IsNetOfOrders { get; init; }

    /// <summary>Units of every cell that are never promised.</summary>
    public int Buffer { get; init; }

    /// <summary>After so much silence its stock is no longer promised.</summary>
    public int StaleAfterMinutes { get; init; } = 24 * 60;

    /// <summary>A snapshot that would take away a greater share of sellable units, or empty a greater share of cells, waits for a person. 100: never.</summary>
    public int BreakerPercent { get; init; } = 40;

    /// <summary>What its item codes are, where they are not mapped.</summary>
    public ItemCodes ItemCodes { get; init; } = ItemCodes.Gtin;
}

/// <summary>Changed settings of a feed; what is left out stays.</summary>
internal sealed record FeedSettingsBody
{
    public string? Name { get; init; }
    public bool? IsNetOfOrders { get; init; }
    public int? Buffer { get; init; }
    public int? StaleAfterMinutes { get; init; }
    public int? BreakerPercent { get; init; }
    public ItemCodes? ItemCodes { get; init; }
}

/// <summary>A feed, its settings and how it is doing.</summary>
internal sealed record FeedBody(
    FeedId Id,
    string Name,
    ItemCodes ItemCodes,
    bool IsNetOfOrders,
    int Buffer,
    int StaleAfterMinutes,
    int BreakerPercent,
    FeedState State,
    bool IsFresh,
    DateTimeOffset? LastAsOf,
    DateTimeOffset? FreshUntil,
    long LastSequence,
    int Cells,
    int RejectedLines,
    FeedDocumentId? WaitingDocument)
{
    public static FeedBody Of(Feed feed, FeedHealth health) => new(
        feed.Id,
        feed.Name,
        feed.ItemCodes,
        feed.IsNetOfOrders,
        feed.Buffer,
        feed.StaleAfterMinutes,
        feed.BreakerPercent,
        health.State,
        health.IsFresh,
        health.LastAsOf,
        health.FreshUntil,
        health.LastSequence,
        health.Cells,
        health.RejectedLines,
        health.WaitingDocument);
}

/// <summary>What a code of the feed's is: an item of yours by id or SKU.</summary>
internal sealed record ItemMappingBody(string Code)
{
    public ItemId? Item { get; init; }
    public string? Sku { get; init; }
}

/// <summary>What a code of the feed's is: a location where you hold stock.</summary>
internal sealed record LocationMappingBody(string Code, LocationId Location);

/// <summary>Codes to map, or to map anew.</summary>
internal sealed record MappingsBody
{
    public List<ItemMappingBody>? Items { get; init; }
    public List<LocationMappingBody>? Locations { get; init; }
}

/// <summary>A code that is mapped.</summary>
internal sealed record MappingEntry(string Kind, string Code, ItemId? Item, LocationId? Location);

/// <summary>How many lines that had been rejected were tried again, and how many could be taken.</summary>
internal sealed record RetryReceipt(int Tried, int Taken);

/// <summary>How many codes were mapped, and what that did for rejected lines.</summary>
internal sealed record MappingsTaken(int Items, int Locations, RetryReceipt Retried);

/// <summary>A line: a figure ("quantity") or a change ("change"), of which one is given.</summary>
internal sealed record DocumentLineBody
{
    public string? Location { get; init; }
    public string? Item { get; init; }
    public JsonElement? Quantity { get; init; }
    public JsonElement? Change { get; init; }
}

/// <summary>What a snapshot speaks of, in the feed's codes; inside it, absence means zero.</summary>
internal sealed record ScopeBody
{
    public List<string>? Locations { get; init; }
    public List<string>? Items { get; init; }
}

/// <summary>Everything that is there, or everything in a scope.</summary>
internal sealed record SnapshotBody(DateTimeOffset AsOf, List<DocumentLineBody> Lines)
{
    public long? Sequence { get; init; }
    public ScopeBody? Scope { get; init; }
}

/// <summary>What has changed. Without lines it says that nothing has, and keeps the feed fresh.</summary>
internal sealed record DeltaBody(DateTimeOffset AsOf, List<DocumentLineBody> Lines)
{
    public long? Sequence { get; init; }
}

/// <summary>What became of a document, with the first of its rejected lines.</summary>
internal sealed record FeedReceipt(DocumentOutcome Outcome, FeedDocument? Document, IReadOnlyList<RejectedLine> RejectedLines)
{
    /// <summary>How many rejected lines a receipt shows.</summary>
    internal const int Shown = 20;

    /// <summary>All of its rejected lines, for rooms that answer each.</summary>
    [JsonIgnore]
    internal IReadOnlyList<RejectedLine> All { get; private init; } = [];

    public static FeedReceipt Of(DocumentOutcome outcome, FeedDocument? document, List<RejectedLine> rejected) =>
        new(outcome, document, [.. rejected.OrderBy(line => line.Line).Take(Shown).Select(line => line with { Document = document?.Id ?? default })]) { All = rejected };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WaitingBody))]
[JsonSerializable(typeof(SliceCounts))]
[JsonSerializable(typeof(FeedFormat))]
[JsonSerializable(typeof(FeedReport))]
[JsonSerializable(typeof(NewFeedBody))]
[JsonSerializable(typeof(FeedSettingsBody))]
[JsonSerializable(typeof(FeedBody))]
[JsonSerializable(typeof(Page<FeedBody>))]
[JsonSerializable(typeof(MappingsBody))]
[JsonSerializable(typeof(MappingsTaken))]
[JsonSerializable(typeof(Page<MappingEntry>))]
[JsonSerializable(typeof(RetryReceipt))]
[JsonSerializable(typeof(SnapshotBody))]
[JsonSerializable(typeof(DeltaBody))]
[JsonSerializable(typeof(FeedReceipt))]
[JsonSerializable(typeof(FeedDocument))]
[JsonSerializable(typeof(Page<FeedDocument>))]
[JsonSerializable(typeof(Page<RejectedLine>))]
internal sealed partial class FeedJson : JsonSerializerContext
{
    /// <summary>By the rules of <see cref="ApiJson"/>, for what is written outside a request.</summary>
    public static FeedJson House { get; } = new(HouseOptions());

    private static JsonSerializerOptions HouseOptions()
    {
        var options = new JsonSerializerOptions();
        ApiJson.Configure(options);
        return options;
    }
}
