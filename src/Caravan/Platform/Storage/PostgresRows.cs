using System.Collections;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using Caravan.Platform.Ids;
using Caravan.Platform.Telemetry;
using Npgsql;
using NpgsqlTypes;

namespace Caravan.Platform.Storage;

/// <summary>
/// Rows on their way to PostgreSQL, column by column: many go in one statement, which unnests an array for each column
/// (<c>$1</c>, <c>$2</c>, …).
/// </summary>
internal sealed class PostgresRows : RowWriter
{
    private readonly List<(NpgsqlDbType Type, IList Values)> columns = [];
    private int next;

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>Rows filled from records.</summary>
    public static PostgresRows Of<T>(IEnumerable<T> records, Action<RowWriter, T> fill)
    {
        var rows = new PostgresRows();
        foreach (var record in records)
        {
            fill(rows, record);
            rows.next = 0;
            rows.Count++;
        }

        return rows;
    }

    /// <summary>Runs a statement on these rows and says how many it touched; none without rows.</summary>
    public async Task<int> ExecuteAsync(Tx tx, string sql, [CallerFilePath] string file = "", [CallerMemberName] string member = "")
    {
        if (Count == 0)
            return 0;

        await using var command = Command(tx, sql);
        var since = SlowStatements.Start();
        var touched = await command.ExecuteNonQueryAsync();
        SlowStatements.End(since, sql, file, member);
        return touched;
    }

    /// <summary>Runs a query on these rows; nothing comes of no rows.</summary>
    public async Task<List<T>> QueryAsync<T>(Tx tx, string sql, Func<DbDataReader, T> read, [CallerFilePath] string file = "", [CallerMemberName] string member = "")
    {
        List<T> found = [];
        if (Count == 0)
            return found;

        var since = SlowStatements.Start();
        await using var command = Command(tx, sql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            found.Add(read(reader));
        SlowStatements.End(since, sql, file, member);
        return found;
    }

    /// <summary>As <see cref="ExecuteAsync"/>, later and with others.</summary>
    /// <param name="later">Where it is gathered.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="last">One value more, behind those of the rows.</param>
    /// <param name="file">Of whoever wrote it.</param>
    /// <param name="member">As above.</param>
    public void AddTo(Gathered later, string sql, NpgsqlParameter? last = null, [CallerFilePath] string file = "", [CallerMemberName] string member = "")
    {
        if (Count > 0)
            later.Add(sql, last is null ? Parameters() : Parameters().Append(last), file, member);
    }

    public override RowWriter Number(long? value) => Add(NpgsqlDbType.Bigint, value);

    public override RowWriter Real(double value) => Add<double?>(NpgsqlDbType.Double, value);

    public override RowWriter Text(string? value) => Add(NpgsqlDbType.Text, value);

    public override RowWriter Text(byte[] utf8) => Text(Encoding.UTF8.GetString(utf8));

    public override RowWriter Bytes(byte[] value) => Add(NpgsqlDbType.Bytea, value);

    public override RowWriter Id<TKind>(Id<TKind> id) => Add<Guid?>(NpgsqlDbType.Uuid, id.Value);

    public override RowWriter Id<TKind>(Id<TKind>? id) => Add(NpgsqlDbType.Uuid, id?.Value);

    public override RowWriter Instant(DateTimeOffset? value) => Add(NpgsqlDbType.TimestampTz, value?.ToWholeMilliseconds().UtcDateTime);

    private PostgresRows Add<T>(NpgsqlDbType type, T value)
    {
        if (Count == 0)
            columns.Add((type, new List<T>()));
        columns[next++].Values.Add(value);
        return this;
    }

    private NpgsqlCommand Command(Tx tx, string sql)
    {
#pragma warning disable CA2100 // The text is a constant of the caller's; values are parameters.
        var command = new NpgsqlCommand(sql, (NpgsqlConnection)tx.Connection, (NpgsqlTransaction?)tx.Transaction);
#pragma warning restore CA2100
        foreach (var parameter in Parameters())
            command.Parameters.Add(parameter);
        return command;
    }

    private IEnumerable<NpgsqlParameter> Parameters() => columns.Select(column => new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | column.Type, Value = column.Values });
}
