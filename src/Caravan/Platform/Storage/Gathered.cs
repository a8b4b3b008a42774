using System.Runtime.CompilerServices;
using Caravan.Platform.Telemetry;
using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>
/// Statements that a transaction on PostgreSQL gathers and sends in one journey, at its end. One that finds less than it wants fails
/// with <see cref="TooLittle"/>, and so does the transaction: nobody has to look before the commit.
/// </summary>
internal sealed class Gathered
{
    /// <summary>How a statement that counts what it did says that it is not all of it: it divides by nothing.</summary>
    public const string TooLittle = PostgresErrorCodes.DivisionByZero;

    private readonly List<(NpgsqlBatchCommand Command, string File, string Member)> statements = [];

    /// <summary>A statement that changes rows and names each by RETURNING, which must be as many as its last parameter says.</summary>
    public static string Counting(string change, int count) =>
        $"WITH changed AS ({change} RETURNING 1 AS one) SELECT 1 / (CASE WHEN COUNT(*) = ${count} THEN 1 ELSE 0 END) FROM changed";

    /// <summary>One more, of whoever adds it.</summary>
    public void Add(string sql, IEnumerable<NpgsqlParameter> parameters, [CallerFilePath] string file = "", [CallerMemberName] string member = "")
    {
#pragma warning disable CA2100 // The text is a constant of the caller's; values are parameters.
        var command = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        statements.Add((command, file, member));
    }

    /// <summary>Sends them all, and gives the id of the transaction.</summary>
    public async Task<string?> SendAsync(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        if (statements.Count == 0)
            return null;

        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_current_xact_id()::text"));
        foreach (var (command, _, _) in statements)
            batch.BatchCommands.Add(command);
        var since = SlowStatements.Start();
        var id = await batch.ExecuteScalarAsync() as string;
        SlowStatements.EndTogether(since, [.. statements.Select(one => (one.Command.CommandText, one.File, one.Member))]);
        return id;
    }
}
