using System.Data;
using System.Globalization;
using Caravan.Platform.Ids;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Caravan.Platform.Storage;

/// <summary>
/// How our types lie in the tables. SQLite: an id is BLOB(16), big-endian so that ids sort by age; an instant is a
/// 64-bit count of milliseconds since 1970-01-01T00:00:00Z. PostgreSQL: an id is a uuid, an instant a timestamptz that is
/// cut to the millisecond, so that what was written is what is read on both. A date is ISO 8601 text, a claim 0 or 1.
/// </summary>
internal static class SqlTypes
{
    private static readonly Lock Gate = new();
    private static bool isRegistered;

    public static void Register()
    {
        lock (Gate)
        {
            if (isRegistered)
                return;

            isRegistered = true;
            DefaultTypeMap.MatchNamesWithUnderscores = true;
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
            SqlMapper.RemoveTypeMap(typeof(bool));
            SqlMapper.RemoveTypeMap(typeof(bool?));
            SqlMapper.AddTypeHandler(typeof(DateTimeOffset), new InstantHandler());
            SqlMapper.AddTypeHandler(typeof(bool), new ClaimHandler());
            RegisterIds();
        }
    }

    public static long ToMilliseconds(this DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();

    public static DateTimeOffset ToWholeMilliseconds(this DateTimeOffset instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());

    /// <summary>Ids for an <c>IN @keys</c>.</summary>
    public static SqlKeys ToKeys<TKind>(this IEnumerable<Id<TKind>> ids, Db db)
        where TKind : IIdKind => SqlKeys.Of(ids, db.IsPostgres);

    // By name, so that a room's new kind of id needs no line here and the platform points at no room.
    private static void RegisterIds()
    {
        foreach (var kind in typeof(SqlTypes).Assembly.GetTypes().Where(type => type.IsValueType && type.IsAssignableTo(typeof(IIdKind))))
        {
            var handler = Activator.CreateInstance(typeof(IdHandler<>).MakeGenericType(kind))!; // Never null: the type has a constructor.
            SqlMapper.AddTypeHandler(typeof(Id<>).MakeGenericType(kind), (SqlMapper.ITypeHandler)handler);
        }
    }

    // A null keeps its type: PostgreSQL must know it where the statement does not tell.
    private sealed class IdHandler<TKind> : SqlMapper.ITypeHandler
        where TKind : IIdKind
    {
        public object Parse(Type destinationType, object value) => value switch
        {
            byte[] bytes => new Id<TKind>(new Guid(bytes, bigEndian: true)),
            Guid guid => new Id<TKind>(guid),
            _ => throw new DataException($"An id is stored as 16 bytes, not as {value.GetType()}."),
        };

        public void SetValue(IDbDataParameter parameter, object value)
        {
            if (parameter is NpgsqlParameter typed)
                typed.NpgsqlDbType = NpgsqlDbType.Uuid;
            parameter.Value = value switch
            {
                Id<TKind> id when parameter is SqliteParameter => id.Value.ToByteArray(bigEndian: true),
                Id<TKind> id => id.Value,
                _ => DBNull.Value,
            };
        }
    }

    private sealed class InstantHandler : SqlMapper.ITypeHandler
    {
        public object Parse(Type destinationType, object value) => value switch
        {
            long milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
            DateTime instant => new DateTimeOffset(instant),
            DateTimeOffset instant => instant,
            _ => throw new DataException($"An instant is stored as milliseconds, not as {value.GetType()}."),
        };

        public void SetValue(IDbDataParameter parameter, object value)
        {
            if (parameter is NpgsqlParameter typed)
                typed.NpgsqlDbType = NpgsqlDbType.TimestampTz;
            parameter.Value = value switch
            {
                DateTimeOffset instant when parameter is SqliteParameter => instant.ToMilliseconds(),
                DateTimeOffset instant => instant.ToWholeMilliseconds(),
                _ => DBNull.Value,
            };
        }
    }

    // Columns of both stores say 0 or 1; an expression of PostgreSQL's says true or false.
    private sealed class ClaimHandler : SqlMapper.ITypeHandler
    {
        public object Parse(Type destinationType, object value) => value is bool claim ? claim : Convert.ToInt64(value, CultureInfo.InvariantCulture) != 0;

        public void SetValue(IDbDataParameter parameter, object value)
        {
            parameter.DbType = DbType.Int32;
            parameter.Value = value is bool claim ? claim ? 1 : 0 : DBNull.Value;
        }
    }
}
