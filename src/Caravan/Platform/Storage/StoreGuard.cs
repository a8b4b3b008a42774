using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>
/// Who uses a store holds this as long as they live: servers side by side on PostgreSQL, one alone on SQLite; whoever puts
/// other rows in the place of all (a restore, a copy) alone on either. It ends with the process, however that ends.
/// </summary>
internal sealed class StoreGuard : IAsyncDisposable
{
    private const long ServingLock = 0x43617261_53657276; // "CaraServ"
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly IAsyncDisposable held;

    private StoreGuard(IAsyncDisposable held) => this.held = held;

    /// <summary>Takes it, waiting a moment for somebody who is just going.</summary>
    /// <exception cref="StoreUnreachableException">Others have it.</exception>
    public static async Task<StoreGuard> TakeAsync(Settings settings, bool isAlone, CancellationToken cancel)
    {
        var isSqlite = string.IsNullOrWhiteSpace(settings.Store);
        for (var since = TimeProvider.System.GetTimestamp(); ;)
        {
            IAsyncDisposable? held = isSqlite ? OfFile(settings.DataFolder) : await OfServerAsync(settings.Store, isAlone, cancel);
            if (held is not null)
                return new StoreGuard(held);
            if (TimeProvider.System.GetElapsedTime(since) > Patience)
                break;

            await Task.Delay(Pause, TimeProvider.System, cancel);
        }

        throw new StoreUnreachableException(isSqlite
            ? $"Another Caravan uses {Path.GetFullPath(settings.DataFolder)}. Stop it (Ctrl-C, or kill -TERM), or give another folder with --data."
            : isAlone
                ? "Caravan servers use this PostgreSQL database. Stop them all (kill -TERM each), then try again."
                : "This PostgreSQL database is being restored or copied into. Wait until that is done.");
    }

    public ValueTask DisposeAsync() => held.DisposeAsync();

    private static FileStream? OfFile(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, "caravan.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<NpgsqlConnection?> OfServerAsync(string store, bool isAlone, CancellationToken cancel)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(store) { Pooling = false, KeepAlive = 30, ApplicationName = "caravan guard" }.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var command = new NpgsqlCommand(isAlone ? "SELECT pg_try_advisory_lock($1)" : "SELECT pg_try_advisory_lock_shared($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = ServingLock });
        if (await command.ExecuteScalarAsync(cancel) is true)
            return connection;

        await connection.DisposeAsync();
        return null;
    }
}
