using System.Data;
using System.Text;
using Caravan.Platform.Ids;
using Dapper;

namespace Caravan.Platform.Storage;

/// <summary>
/// Ids for an <c>IN @keys</c>, as one parameter: an array to PostgreSQL, JSON to SQLite, whose statement <see cref="Db"/> writes so that it takes
/// them out of there. A list of parameters would be another statement for each length, and SQLite finds a parameter by walking the names
/// of all that stand before it.
/// </summary>
internal sealed class SqlKeys : SqlMapper.ICustomQueryParameter
{
    private readonly object value;

    private SqlKeys(object value) => this.value = value;

    /// <summary>What a list of ids is on SQLite.</summary>
    public static string ListOf(string parameter) => $"(SELECT unhex(value) FROM json_each({parameter}))";

    public static SqlKeys Of<TKind>(IEnumerable<Id<TKind>> ids, bool isPostgres)
        where TKind : IIdKind
    {
        if (isPostgres)
            return new SqlKeys(ids.Select(id => id.Value).ToArray());

        var json = new StringBuilder("[");
        Span<byte> bytes = stackalloc byte[16];
        Span<char> digits = stackalloc char[32];
        foreach (var id in ids)
        {
            id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
            Convert.TryToHexString(bytes, digits, out _);
            json.Append(json.Length == 1 ? "\"" : ",\"").Append(digits).Append('"');
        }

        return new SqlKeys(json.Append(']').ToString());
    }

    public void AddParameter(IDbCommand command, string name)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
