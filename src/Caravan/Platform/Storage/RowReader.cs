using System.Data.Common;
using Caravan.Platform.Ids;

namespace Caravan.Platform.Storage;

/// <summary>The columns of the row that a query stands on, by their place in it.</summary>
internal readonly struct RowReader(DbDataReader reader, bool isSqlite)
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public int Number(int column) => reader.GetInt32(column);

    public long Long(int column) => reader.GetInt64(column);

    public double Real(int column) => reader.GetDouble(column);

    /// <summary>A claim, stored as 0 or 1.</summary>
    public bool IsTrue(int column) => reader.GetInt32(column) != 0;

    public string Text(int column) => reader.GetString(column);

    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>A value of an enumeration, stored by its name.</summary>
    public T Named<T>(int column)
        where T : struct, Enum => Enum.Parse<T>(reader.GetString(column));

    public Id<TKind> Id<TKind>(int column)
        where TKind : IIdKind => new(isSqlite ? new Guid(reader.GetFieldValue<byte[]>(column), bigEndian: true) : reader.GetGuid(column));

    public Id<TKind>? IdOrNull<TKind>(int column)
        where TKind : IIdKind => reader.IsDBNull(column) ? null : Id<TKind>(column);

    /// <summary>An instant, in milliseconds since 1970.</summary>
    public long Milliseconds(int column) => isSqlite ? reader.GetInt64(column) : reader.GetFieldValue<DateTimeOffset>(column).ToUnixTimeMilliseconds();

    public DateTimeOffset Instant(int column) => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(column));

    public DateTimeOffset? InstantOrNull(int column) => reader.IsDBNull(column) ? null : Instant(column);
}
