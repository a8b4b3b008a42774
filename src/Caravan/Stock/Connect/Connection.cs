namespace Caravan.Stock.Connect;

/// <summary>Something that was guessed of a file, or chosen by a person.</summary>
/// <param name="Value">What it is; empty: nothing.</param>
/// <param name="Percent">How sure; 100 when a person has said so.</param>
/// <param name="Why">What speaks for it.</param>
public sealed record Guessed(string Value, int Percent, string Why);

/// <summary>What a person has said of a file; what is null is guessed.</summary>
public sealed record ConnectionChoices
{
    /// <summary>What the feed is to be called.</summary>
    public string? Name { get; init; }

    /// <summary>Its encoding, such as windows-1252.</summary>
    public string? Encoding { get; init; }

    /// <summary>comma, semicolon, tab or pipe.</summary>
    public string? Delimiter { get; init; }

    /// <summary>The line that names the columns, from 1.</summary>
    public int? HeaderLine { get; init; }

    /// <summary>The column of the location; empty: there is none.</summary>
    public string? LocationColumn { get; init; }

    /// <summary>Where there is no such column: the code of the location that all lines are of.</summary>
    public string? FixedLocation { get; init; }

    /// <summary>The column of the item.</summary>
    public string? ItemColumn { get; init; }

    /// <summary>The column of the quantity.</summary>
    public string? QuantityColumn { get; init; }

    /// <summary>How quantities are written: plain, comma (1.234,00) or point (1,234.00).</summary>
    public string? Decimals { get; init; }

    /// <summary>What item codes are where they are not mapped: gtin or sku.</summary>
    public string? ItemCodes { get; init; }

    /// <summary>onHand: what lies there; available: what may still be sold, reservations left out.</summary>
    public string? Meaning { get; init; }

    /// <summary>When the figures were true.</summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>The file's item codes and what each is: a SKU of yours.</summary>
    public IReadOnlyDictionary<string, string>? Items { get; init; }

    /// <summary>The file's location codes and what each is: the code of a location of yours.</summary>
    public IReadOnlyDictionary<string, string>? Locations { get; init; }

    /// <summary>These choices with others on top; mappings are added to.</summary>
    internal ConnectionChoices With(ConnectionChoices more) => new()
    {
        Name = more.Name ?? Name,
        Encoding = more.Encoding ?? Encoding,
        Delimiter = more.Delimiter ?? Delimiter,
        HeaderLine = more.HeaderLine ?? HeaderLine,
        LocationColumn = more.LocationColumn ?? LocationColumn,
        FixedLocation = more.FixedLocation ?? FixedLocation,
        ItemColumn = more.ItemColumn ?? ItemColumn,
        QuantityColumn = more.QuantityColumn ?? QuantityColumn,
        Decimals = more.Decimals ?? Decimals,
        ItemCodes = more.ItemCodes ?? ItemCodes,
        Meaning = more.Meaning ?? Meaning,
        AsOf = more.AsOf ?? AsOf,
        Items = Join(Items, more.Items),
        Locations = Join(Locations, more.Locations),
    };

    private static Dictionary<string, string>? Join(IReadOnlyDictionary<string, string>? one, IReadOnlyDictionary<string, string>? other)
    {
        if (one is null && other is null)
            return null;

        var all = new Dictionary<string, string>(one ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var (code, target) in other ?? new Dictionary<string, string>())
        {
            // An empty target takes a mapping back.
            if (target.Length == 0)
                all.Remove(code);
            else
                all[code] = target;
        }

        return all;
    }
}

/// <summary>What a code of the file may be, the likeliest first.</summary>
/// <param name="Target">The SKU of an item, or the code of a location.</param>
/// <param name="Words">How people call it.</param>
/// <param name="Percent">How sure.</param>
/// <param name="Why">What speaks for it.</param>
public sealed record CodeSuggestion(string Target, string Words, int Percent, string Why);

/// <summary>A code of the file that is not known, with how many lines it has.</summary>
public sealed record UnknownCode(string Code, int Lines, IReadOnlyList<CodeSuggestion> Suggestions);

/// <summary>The file's codes of one kind.</summary>
/// <param name="Distinct">How many there are.</param>
/// <param name="Known">How many of them are known by themselves.</param>
/// <param name="Mapped">How many a person has mapped.</param>
/// <param name="Unknown">The rest, those with the most lines first; at most a page of them.</param>
/// <param name="UnknownInAll">How many the rest are.</param>
public sealed record ConnectionCodes(int Distinct, int Known, int Mapped, IReadOnlyList<UnknownCode> Unknown, int UnknownInAll);

/// <summary>Lines of the file with one reason, and a few of them.</summary>
public sealed record DryReason(string Reason, string Detail, int Count, IReadOnlyList<int> Lines, IReadOnlyList<string> Examples);

/// <summary>What a location has now, and would have.</summary>
public sealed record DryLocation(string Code, string Name, int Lines, long UnitsNow, long UnitsThen, int CellsToZero);

/// <summary>What would change if the feed went live with this file; nothing has changed.</summary>
public sealed record DryRun(
    int Lines,
    int Accepted,
    int NewCells,
    int ChangedCells,
    int UnchangedCells,
    int CellsToZero,
    IReadOnlyList<string> ZeroedFirst,
    int Outdated,
    IReadOnlyList<DryReason> Rejected,
    IReadOnlyList<DryReason> Suspicious,
    IReadOnlyList<DryLocation> Locations,
    bool IsBreakerTripped,
    string Breaker);

/// <summary>A feed on its way: a file, what was guessed of it, what is still to be said, and what it would do.</summary>
public sealed record Connection
{
    /// <summary>Its id.</summary>
    public required FeedConnectionId Id { get; init; }

    /// <summary>What the feed is to be called.</summary>
    public required string Name { get; init; }

    /// <summary>The file it was begun with.</summary>
    public required string FileName { get; init; }

    /// <summary>When that was.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>When the figures were true.</summary>
    public required Guessed AsOf { get; init; }

    /// <summary>Its encoding.</summary>
    public required Guessed Encoding { get; init; }

    /// <summary>comma, semicolon, tab or pipe.</summary>
    public required Guessed Delimiter { get; init; }

    /// <summary>The line of the header.</summary>
    public required Guessed HeaderLine { get; init; }

    /// <summary>The names of its columns.</summary>
    public required IReadOnlyList<string> Header { get; init; }

    /// <summary>The first rows, cell by cell.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Sample { get; init; }

    /// <summary>The column of the location; empty: none.</summary>
    public required Guessed LocationColumn { get; init; }

    /// <summary>The location of all lines, where no column tells it.</summary>
    public required Guessed FixedLocation { get; init; }

    /// <summary>The column of the item.</summary>
    public required Guessed ItemColumn { get; init; }

    /// <summary>The column of the quantity.</summary>
    public required Guessed QuantityColumn { get; init; }

    /// <summary>plain, comma or point.</summary>
    public required Guessed Decimals { get; init; }

    /// <summary>gtin or sku.</summary>
    public required Guessed ItemCodes { get; init; }

    /// <summary>onHand or available.</summary>
    public required Guessed Meaning { get; init; }

    /// <summary>What keeps the file from being read with these choices; null when nothing does.</summary>
    public string? Fault { get; init; }

    /// <summary>Its items.</summary>
    public ConnectionCodes? Items { get; init; }

    /// <summary>Its locations.</summary>
    public ConnectionCodes? Locations { get; init; }

    /// <summary>What it would do.</summary>
    public DryRun? DryRun { get; init; }

    /// <summary>The feed, once it is live.</summary>
    public FeedId? Feed { get; init; }

    /// <summary>The first document of the feed.</summary>
    public FeedDocumentId? Document { get; init; }
}

/// <summary>A feed on its way, in a list.</summary>
public sealed record ConnectionEntry(FeedConnectionId Id, string Name, string FileName, FeedId? Feed, DateTimeOffset ChangedAt);
