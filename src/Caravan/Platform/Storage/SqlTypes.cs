using System.Data;
using Caravan.Platform.Ids;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Caravan.Platform.Storage;

/// <summary>
/// How our types lie in the tables. SQLite: an id is BLOB(16), big-endian so that ids sort by age; an instant is a
/// 64-bit count of milliseconds since 1970-01-01T00:00:00Z; a date is ISO 8601 text.
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
            SqlMapper.AddTypeHandler(new InstantHandler());
            RegisterIds();
        }
    }

    public static long ToMilliseconds(this DateTimeOffset instant) => instant.ToUnixTimeMilliseconds();

    /// <summary>Ids for an <c>IN</c> list: Dapper hands a list's elements to the store as they are, past the type handlers.</summary>
    public static IEnumerable<object> ToKeys<TKind>(this IEnumerable<Id<TKind>> ids, Db db)
        where TKind : IIdKind =>
        db.Connection is SqliteConnection ? ids.Select(id => (object)id.Value.ToByteArray(bigEndian: true)) : ids.Select(id => (object)id.Value);

    // By name, so that a room's new kind of id needs no line here and the platform points at no room.
    private static void RegisterIds()
    {
        foreach (var kind in typeof(SqlTypes).Assembly.GetTypes().Where(type => type.IsValueType && type.IsAssignableTo(typeof(IIdKind))))
        {
            var handler = Activator.CreateInstance(typeof(IdHandler<>).MakeGenericType(kind))!; // Never null: the type has a constructor.
            SqlMapper.AddTypeHandler(typeof(Id<>).MakeGenericType(kind), (SqlMapper.ITypeHandler)handler);
        }
    }

    private sealed class IdHandler<TKind> : SqlMapper.TypeHandler<Id<TKind>>
        where TKind : IIdKind
    {
        public override Id<TKind> Parse(object value) => value switch
        {
            byte[] bytes => new Id<TKind>(new Guid(bytes, bigEndian: true)),
            Guid guid => new Id<TKind>(guid),
            _ => throw new DataException($"An id is stored as 16 bytes, not as {value.GetType()}."),
        };

        public override void SetValue(IDbDataParameter parameter, Id<TKind> value) =>
            parameter.Value = parameter is SqliteParameter ? value.Value.ToByteArray(bigEndian: true) : value.Value;
    }

    private sealed class InstantHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => value switch
        {
            long milliseconds => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
            DateTimeOffset instant => instant,
            _ => throw new DataException($"An instant is stored as milliseconds, not as {value.GetType()}."),
        };

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
            parameter.Value = parameter is SqliteParameter ? value.ToUnixTimeMilliseconds() : value;
    }
}
