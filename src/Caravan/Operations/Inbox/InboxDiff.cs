namespace Caravan.Operations.Inbox;

/// <summary>What changes in an inbox after a look.</summary>
/// <param name="New">Entries to add.</param>
/// <param name="Changed">Entries that read differently now.</param>
/// <param name="Ended">Entries whose cause is gone.</param>
public sealed record InboxDiff(IReadOnlyList<Finding> New, IReadOnlyList<InboxEntry> Changed, IReadOnlyList<InboxEntry> Ended)
{
    /// <summary>Whether nothing does.</summary>
    public bool IsEmpty => New.Count == 0 && Changed.Count == 0 && Ended.Count == 0;

    /// <summary>Holds what lasts against what is found. What a person has solved stays solved while it lasts, and is told again when it comes back.</summary>
    public static InboxDiff Of(IEnumerable<InboxEntry> lasting, IEnumerable<Finding> findings)
    {
        var found = findings.DistinctBy(finding => (finding.Kind, finding.Subject)).ToDictionary(finding => (finding.Kind, finding.Subject));
        List<InboxEntry> changed = [], ended = [];
        foreach (var entry in lasting)
        {
            if (!found.Remove((entry.Kind, entry.Subject), out var finding))
                ended.Add(entry);
            else if (entry.SolvedAt is null && entry.With(finding) is var now && now != entry)
                changed.Add(now);
        }

        return new InboxDiff([.. found.Values], changed, ended);
    }
}
