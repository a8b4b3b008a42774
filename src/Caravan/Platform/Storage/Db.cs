using System.Collections.Concurrent;
using System.Data.Common;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Caravan.Platform.Telemetry;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>
/// A connection to read from. SQL is written by hand in the subset that SQLite and PostgreSQL share; every statement on
/// a partner's rows names the <c>tenant</c>. <c>IN @keys</c> takes an array, on both.
/// </summary>
public partial class Db : IAsyncDisposable
{
    // Dapper writes a list out for SQLite and hands PostgreSQL an array, which IN does not take.
    private static readonly ConcurrentDictionary<string, string> ForPostgres = [];

    // Ids come as one parameter (SqlKeys); what a statement's parameter is, it is always.
    private static readonly ConcurrentDictionary<string, string> ForSqlite = [];

    private readonly Database? database;
    private readonly bool isInsideRead;
    private DbConnection? connection;
    private long openedAt;

    private protected Db(DbConnection connection, DbTransaction transaction)
    {
        this.connection = connection is SqliteConnection sqlite ? KeptStatements.Of(sqlite) : connection;
        Transaction = transaction;
        IsPostgres = connection is NpgsqlConnection;
    }

    /// <summary>Opens when it is first asked something: what is found in memory needs no connection.</summary>
    internal Db(Database database, bool isInsideRead)
    {
        this.database = database;
        this.isInsideRead = isInsideRead;
        IsPostgres = database is PostgresDatabase;
    }

    internal DbTransaction? Transaction { get; private set; }

    internal bool IsPostgres { get; }

    /// <summary>
    /// Not later than the snapshot that is read from, in <see cref="Turn"/>s. A snapshot stays as it is for all the queries of a
    /// read: what one of the later ones finds may be older than what was committed, and told, before it was asked.
    /// </summary>
    internal long ReadAt => connection is null ? Turn.Next() : openedAt;

    /// <summary>All rows of a query.</summary>
    public Task<List<T>> QueryAsync<T>(string sql, object? args = null, [CallerFilePath] string file = "", [CallerMemberName] string member = "") =>
        TimedAsync(sql, file, member, async () => (await (await OpenAsync()).QueryAsync<T>(Sql(sql, args), args, Transaction)).AsList());

    /// <summary>The first row of a query, or the default of <typeparamref name="T"/>.</summary>
    public Task<T?> FirstAsync<T>(string sql, object? args = null, [CallerFilePath] string file = "", [CallerMemberName] string member = "") =>
        TimedAsync(sql, file, member, async () => await (await OpenAsync()).QueryFirstOrDefaultAsync<T>(Sql(sql, args), args, Transaction));

    /// <summary>All rows of a query, read column by column: for long lists on hot paths.</summary>
    internal async Task<List<T>> ReadAsync<T>(string sql, object args, Func<RowReader, T> read, [CallerFilePath] string file = "", [CallerMemberName] string member = "")
    {
        var since = SlowStatements.Start();
        List<T> rows = [];
        await using var reader = (DbDataReader)await (await OpenAsync()).ExecuteReaderAsync(Sql(sql, args), args, Transaction);
        for (var row = new RowReader(reader, isSqlite: !IsPostgres); await reader.ReadAsync();)
            rows.Add(read(row));
        SlowStatements.End(since, sql, file, member);
        return rows;
    }

    /// <summary>The single value of a query that always has one.</summary>
    public Task<T> ValueAsync<T>(string sql, object? args = null, [CallerFilePath] string file = "", [CallerMemberName] string member = "") =>
        TimedAsync(sql, file, member, async () => (await (await OpenAsync()).ExecuteScalarAsync<T>(Sql(sql, args), args, Transaction))!); // The query always has a value: the caller's promise.

    /// <summary>Ends a reader's snapshot. A <see cref="Tx"/> is its writer's to end.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (database is null || connection is null)
            return;

        if (Transaction is not null)
            await Transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private protected async ValueTask<DbConnection> OpenAsync()
    {
        if (connection is not null)
            return connection;

        openedAt = Turn.Next();
        connection = await database!.OpenReaderAsync(isInsideRead, CancellationToken.None); // Without a connection it was made with a database.
        Transaction = await database.BeginReadAsync(connection);
        return connection;
    }

    private protected static async Task<T> TimedAsync<T>(string sql, string file, string member, Func<Task<T>> run)
    {
        var since = SlowStatements.Start();
        var result = await run();
        SlowStatements.End(since, sql, file, member);
        return result;
    }

    private protected string Sql(string sql, object? args) => IsPostgres
        ? ForPostgres.GetOrAdd(sql, static text => ListParameter().Replace(text, list => $"{(list.Groups[1].Success ? "<> ALL" : "= ANY")} ({list.Groups[2].Value})"))
        : ForSqlite.GetOrAdd(sql, static (text, args) => ListParameter().Replace(text, list => AreKeys(args, list.Groups[2].Value[1..]) ? $"{list.Groups[1].Value}IN {SqlKeys.ListOf(list.Groups[2].Value)}" : list.Value), args);

    private static bool AreKeys(object? args, string name) =>
        args?.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)?.PropertyType == typeof(SqlKeys);

    /// <summary>Reads, or remembers where the piece of work does (<see cref="Tx.Known"/>).</summary>
    internal async ValueTask<T> OnceAsync<T>(object key, Func<Task<T>> read)
        where T : class
    {
        if (this is not Tx { Known: { } known })
            return await read();
        if (!known.TryGetValue(key, out var found))
            known.Add(key, found = await read());
        return (T)found;
    }

    [GeneratedRegex(@"\b(NOT )?IN (@\w+)")]
    private static partial Regex ListParameter();
}

/// <summary>
/// The caller's transaction. A lower room's door that takes a <see cref="Tx"/> joins it: its effect is durable with the
/// caller's, or not at all. Inside it there is no HTTP and no waiting for anything but the database.
/// </summary>
public sealed class Tx : Db
{
    private List<Action>? afterCommit;
    private HashSet<Change>? changes;
    private HashSet<Change>? changesForOthers;

    internal Tx(DbConnection connection, DbTransaction transaction, DateTimeOffset now)
        : base(connection, transaction)
    {
        Now = now;
        Connection = connection;
    }

    internal DbConnection Connection { get; }

    /// <summary>The one instant at which everything in this piece of work happens.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Whether other servers share the store.</summary>
    internal bool HasNeighbours { get; init; }

    internal bool IsUndone { get; private set; }

    /// <summary>Where statements on many rows are gathered that are sent together at the end of a <see cref="Store.Lane"/>'s transaction; none where each is sent at once.</summary>
    internal Gathered? Later { get; init; }

    internal IReadOnlyList<Action> Afterwards => afterCommit ?? [];

    /// <summary>Runs a statement and says how many rows it touched; with a sequence of arguments, once for each.</summary>
    public Task<int> ExecuteAsync(string sql, object? args = null, [CallerFilePath] string file = "", [CallerMemberName] string member = "") =>
        TimedAsync(sql, file, member, async () => await (await OpenAsync()).ExecuteAsync(Sql(sql, args), args, Transaction));

    /// <summary>Takes back everything this piece of work has written: a refusal leaves no trace.</summary>
    public void Undo() => IsUndone = true;

    internal IReadOnlyCollection<Change> Changes => changes ?? (IReadOnlyCollection<Change>)[];

    /// <summary>What other servers are to hear of.</summary>
    internal IEnumerable<Change> ChangesForOthers => Changes.Concat(changesForOthers ?? []);

    /// <summary>
    /// What has been read so far by a piece of work that decides many things alike, and that forgets what it changes; none, where
    /// everything is read each time that it is asked for.
    /// </summary>
    internal Dictionary<object, object>? Known { get; set; }

    /// <summary>Tells, once the transaction is on disk, whoever keeps copies of these rows in memory: see <see cref="Store.Listen"/>.</summary>
    /// <param name="topic">What kind of rows.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="subject">Which; empty: any of them.</param>
    /// <param name="number">What is to be known of the change without reading, if anything.</param>
    internal void Announce(string topic, PartnerId tenant, Guid subject = default, long number = 0) => (changes ??= []).Add(new Change(topic, tenant, subject, number));

    /// <summary>As <see cref="Announce"/>, where the copies of this server are right already.</summary>
    internal void AnnounceToOthers(string topic, PartnerId tenant, Guid subject)
    {
        if (HasNeighbours)
            (changesForOthers ??= []).Add(new Change(topic, tenant, subject, 0));
    }

    /// <summary>Runs once the transaction is on disk; never when it is undone.</summary>
    public void AfterCommit(Action action) => (afterCommit ??= []).Add(action);
}

/// <summary>Rows that have changed: those of a topic and tenant, all of them or one subject's.</summary>
internal readonly record struct Change(string Topic, PartnerId Tenant, Guid Subject, long Number);
