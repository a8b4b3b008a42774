namespace Caravan.Platform.Problems;

/// <summary>One page of a list: its entries and, when there are more, the cursor to ask for the next with.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next)
{
    /// <summary>The most entries of one page.</summary>
    public const int Longest = 200;

    /// <summary>A page out of one more row than was asked for; the extra row says that there is a next page.</summary>
    public static Page<T> Of(List<T> rows, int limit, Func<T, string> cursor) =>
        rows.Count <= limit
            ? new Page<T>(rows, null)
            : new Page<T>(rows[..limit], cursor(rows[limit - 1]));
}
