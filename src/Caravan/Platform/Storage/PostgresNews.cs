using System.Data.Common;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Caravan.Platform.Storage;

/// <summary>
/// Tells other servers on the same PostgreSQL which rows a commit changed, so that they forget their copies of them, and hears
/// of theirs (NOTIFY in the transaction itself, heard once it is committed). Whoever was cut off has missed something, and
/// forgets everything.
/// </summary>
internal sealed class PostgresNews : StoreNews
{
    private const string Channel = "caravan_changes";
    private const string Notify = "SELECT pg_notify($1, $2)";

    // PostgreSQL carries less than 8,000 bytes a notification.
    private const int LongestText = 7_000;
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(500);

    private readonly string server = Guid.CreateVersion7().ToString("N");
    private readonly CancellationTokenSource stopping = new();
    private readonly PostgresDatabase database;
    private readonly Action<Change> heard;
    private readonly Action missed;
    private readonly Task listening;

    /// <param name="database">The server that is shared.</param>
    /// <param name="heard">Called for each change that another server made.</param>
    /// <param name="missed">Called when changes may have gone unheard.</param>
    public PostgresNews(PostgresDatabase database, Action<Change> heard, Action missed)
    {
        this.database = database;
        this.heard = heard;
        this.missed = missed;
        listening = Task.Run(ListenAsync);
    }

    public override async Task SendAsync(DbConnection connection, DbTransaction transaction, IEnumerable<Change> changes)
    {
        foreach (var text in Texts(changes))
        {
            await using var command = new NpgsqlCommand(Notify, (NpgsqlConnection)connection, (NpgsqlTransaction)transaction);
            command.Parameters.Add(new NpgsqlParameter { Value = Channel });
            command.Parameters.Add(new NpgsqlParameter { Value = text });
            await command.ExecuteNonQueryAsync();
        }
    }

    public override void Add(Gathered statements, IEnumerable<Change> changes)
    {
        foreach (var text in Texts(changes))
            statements.Add(Notify, [new NpgsqlParameter { Value = Channel }, new NpgsqlParameter { Value = text }]);
    }

    public override async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await listening;
        stopping.Dispose();
    }

    private IEnumerable<string> Texts(IEnumerable<Change> changes)
    {
        var text = new StringBuilder(server);
        foreach (var change in changes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{change.Topic} {change.Tenant.Value:N} {change.Subject:N} {change.Number}");
            if (text.Length <= LongestText)
                continue;

            yield return text.ToString();
            text.Length = server.Length;
        }

        if (text.Length > server.Length)
            yield return text.ToString();
    }

    private async Task ListenAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenAsync(stopping.Token);
                connection.Notification += (_, news) => Hear(news.Payload);
                await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
                    await listen.ExecuteNonQueryAsync(stopping.Token);
                missed();
                while (true)
                    await connection.WaitAsync(stopping.Token);
            }
            catch (Exception fault) when (fault is OperationCanceledException or NpgsqlException or ObjectDisposedException)
            {
                await Task.Delay(TryAgainAfter, TimeProvider.System, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Hear(string text)
    {
        var lines = text.Split('\n');
        if (lines[0] == server)
            return;

        foreach (var line in lines.Skip(1))
        {
            if (line.Split(' ') is [var topic, var tenant, var subject, var number])
                heard(new Change(topic, new PartnerId(Guid.ParseExact(tenant, "N")), Guid.ParseExact(subject, "N"), long.Parse(number, CultureInfo.InvariantCulture)));
        }
    }
}
