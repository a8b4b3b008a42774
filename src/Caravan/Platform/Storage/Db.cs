using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>
/// A connection to read from. SQL is written by hand in the subset that SQLite and PostgreSQL share; every statement on
/// a partner's rows names the <c>tenant</c>. <c>IN @keys</c> takes an array, on both.
/// </summary>
public partial class Db
{
    // Dapper writes a list out for SQLite and hands PostgreSQL an array, which IN does not take.
    private static readonly ConcurrentDictionary<string, string> ForPostgres = [];

    internal Db(DbConnection connection, DbTransaction? transaction)
    {
        Connection = connection;
        Transaction = transaction;
    }

    internal DbConnection Connection { get; }

    internal DbTransaction? Transaction { get; }

    internal bool IsPostgres => Connection is NpgsqlConnection;

    /// <summary>All rows of a query.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, object? args = null) =>
        (await Connection.QueryAsync<T>(Sql(sql), args, Transaction)).AsList();

    /// <summary>The first row of a query, or the default of <typeparamref name="T"/>.</summary>
    public Task<T?> FirstAsync<T>(string sql, object? args = null) =>
        Connection.QueryFirstOrDefaultAsync<T>(Sql(sql), args, Transaction);

    /// <summary>The single value of a query that always has one.</summary>
    public async Task<T> ValueAsync<T>(string sql, object? args = null) =>
        (await Connection.ExecuteScalarAsync<T>(Sql(sql), args, Transaction))!; // The query always has a value: the caller's promise.

    private protected string Sql(string sql) => IsPostgres
        ? ForPostgres.GetOrAdd(sql, static text => ListParameter().Replace(text, list => $"{(list.Groups[1].Success ? "<> ALL" : "= ANY")} ({list.Groups[2].Value})"))
        : sql;

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

    internal Tx(DbConnection connection, DbTransaction transaction, DateTimeOffset now)
        : base(connection, transaction) => Now = now;

    /// <summary>The one instant at which everything in this piece of work happens.</summary>
    public DateTimeOffset Now { get; }

    internal bool IsUndone { get; private set; }

    internal IReadOnlyList<Action> Afterwards => afterCommit ?? [];

    /// <summary>Runs a statement and says how many rows it touched; with a sequence of arguments, once for each.</summary>
    public Task<int> ExecuteAsync(string sql, object? args = null) => Connection.ExecuteAsync(Sql(sql), args, Transaction);

    /// <summary>Takes back everything this piece of work has written: a refusal leaves no trace.</summary>
    public void Undo() => IsUndone = true;

    /// <summary>Runs once the transaction is on disk; never when it is undone.</summary>
    public void AfterCommit(Action action) => (afterCommit ??= []).Add(action);
}
