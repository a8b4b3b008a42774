namespace Caravan.Platform.Storage;

/// <summary>Looks for what must not be in a store: damage to the file, rows that name rows which are not there.</summary>
internal static class StoreCheck
{
    private const int ExamplesMax = 3;

    public static async Task<IReadOnlyList<string>> RunAsync(Db db, Action<string> looking)
    {
        List<string> faults = [];
        if (!db.IsPostgres)
        {
            looking("the file itself");
            faults.AddRange((await db.QueryAsync<string>("PRAGMA integrity_check(20)")).Where(line => line != "ok").Select(line => $"The file is damaged: {line}"));
        }

        foreach (var link in StoreTables.Links)
        {
            looking($"{link.From} that name {link.To}");
            if (await LostAsync(db, link) is { } fault)
                faults.Add(fault);
        }

        return faults;
    }

    private static async Task<string?> LostAsync(Db db, TableLink link)
    {
        var (columns, key) = (link.Columns.Split(", "), link.Key.Split(", "));
        var same = string.Join(" AND ", columns.Zip(key, (column, part) => $"b.{part} = a.{column}"));
        var isBare = $"FROM {link.From} AS a WHERE NOT EXISTS (SELECT 1 FROM {link.To} AS b WHERE {same})";
        var count = await db.ValueAsync<long>($"SELECT COUNT(*) {isBare}");
        if (count == 0)
            return null;

        var shown = string.Join(" || ' ' || ", columns.Select(column => db.IsPostgres ? $"a.{column}::text" : $"CASE WHEN typeof(a.{column}) = 'blob' THEN lower(hex(a.{column})) ELSE a.{column} END"));
        var examples = await db.QueryAsync<string>($"SELECT {shown} {isBare} LIMIT {ExamplesMax}");
        return $"{count:N0} of {link.From} ({link.Columns}) name no row of {link.To}: {string.Join("; ", examples)}";
    }
}
