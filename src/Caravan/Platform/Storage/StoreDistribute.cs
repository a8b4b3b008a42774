using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>Spreads the tables over a Citus cluster: each with its tenant, all tenants' tables side by side, or as a copy on every worker.</summary>
internal static class StoreDistribute
{
    private const string HowToCitus =
        "The extension citus is not in this database. Install it on every node (shared_preload_libraries = 'citus'), then in this database, on every node: CREATE EXTENSION citus; "
        + "and on the coordinator: SELECT citus_set_coordinator_host('…'); SELECT citus_add_node('…', 5432); for each worker. See docs/guides/scale-out.md.";

    /// <summary>The statements that spread these tables, in their order; a comment for each that stays where it is.</summary>
    /// <exception cref="StoreUnreachableException">A table's key does not begin with its tenant, so that it cannot be spread.</exception>
    public static IReadOnlyList<string> Statements(IReadOnlyList<StoredTable> tables)
    {
        var names = tables.Select(table => table.Name).ToHashSet();
        if (tables.FirstOrDefault(table => StoreTables.SpreadOf(table.Name) == Spread.ByTenant && table.Key is not ["tenant", ..]) is { } unfit)
            throw new StoreUnreachableException($"Table {unfit.Name} has the key ({string.Join(", ", unfit.Key)}), which does not begin with tenant. Name it among the exceptions of StoreTables, or give it such a key.");

        var references = StoreTables.Exceptions.Where(exception => exception.Value.Spread == Spread.Reference && names.Contains(exception.Key)).Select(exception => $"SELECT create_reference_table('{exception.Key}'); -- {exception.Value.Because}");
        var staying = StoreTables.Exceptions.Where(exception => exception.Value.Spread == Spread.Coordinator).Select(exception => $"-- {exception.Key} stays on the coordinator: {exception.Value.Because}");
        var spread = tables.Where(table => StoreTables.SpreadOf(table.Name) == Spread.ByTenant).Select(table => table.Name).ToList();
        return [.. references, .. spread.Select((table, i) => $"SELECT create_distributed_table('{table}', 'tenant', colocate_with => '{(i == 0 ? "none" : spread[0])}');"), .. staying];
    }

    /// <summary>Runs those statements that have not been run before.</summary>
    /// <exception cref="StoreUnreachableException">The database has no Citus.</exception>
    public static async Task RunAsync(PostgresDatabase database, IReadOnlyList<string> statements, Action<string> running, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        if (await ValueAsync(connection, "SELECT 1 FROM pg_extension WHERE extname = 'citus'", cancel) is null)
            throw new StoreUnreachableException(HowToCitus);

        foreach (var statement in statements.Where(statement => !statement.StartsWith("--", StringComparison.Ordinal)))
        {
            var table = statement.Split('\'')[1];
            if (await ValueAsync(connection, $"SELECT 1 FROM pg_dist_partition WHERE logicalrelid = '{table}'::regclass", cancel) is not null)
                continue;

            running(statement);
            await ValueAsync(connection, statement, cancel);
        }
    }

    private static async Task<object?> ValueAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
#pragma warning disable CA2100 // Names out of the catalogue.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancel);
    }
}
