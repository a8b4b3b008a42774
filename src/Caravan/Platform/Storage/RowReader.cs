using System.Data.Common;
using Caravan.Platform.Ids;

namespace Caravan.Platform.Storage;

/// <summary>The columns of the row that a query stands on, by their place in it.</summary>
internal readonly struct RowReader(DbDataReader reader, bool isSqlite)
{
    public bool IsNull(int column) => reader.IsDBNull(column);

    public int Number(int column) => reader.GetInt32(column);

    public Id<TKind> Id<TKind>(int column)
        where TKind : IIdKind => new(isSqlite ? new Guid(reader.GetFieldValue<byte[]>(column), bigEndian: true) : reader.GetGuid(column));

    /// <summary>An instant, in milliseconds since 1970.</summary>
    public long Milliseconds(int column) => isSqlite ? reader.GetInt64(column) : reader.GetFieldValue<DateTimeOffset>(column).ToUnixTimeMilliseconds();
}
