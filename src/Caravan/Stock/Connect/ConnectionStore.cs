using System.IO.Compression;
using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Stock.Connect;

/// <summary>A feed on its way, as it is kept: the file deflated, the choices as JSON.</summary>
internal sealed record KeptConnection
{
    public PartnerId Tenant { get; init; }
    public FeedConnectionId Id { get; init; }
    public string Name { get; init; } = "";
    public string FileName { get; init; } = "";
    public ConnectionChoices Choices { get; init; } = new();
    public FeedId? Feed { get; init; }
    public FeedDocumentId? Document { get; init; }
    public DateTimeOffset AsOf { get; init; }
    public DateTimeOffset MadeAt { get; init; }
}

/// <summary>Feeds on their way, in SQL.</summary>
internal static class ConnectionStore
{
    private const string Columns = "tenant, id, name, file_name, choices, feed, document, as_of, made_at, changed_at";

    public static async Task<KeptConnection?> FindAsync(Db db, PartnerId owner, FeedConnectionId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM feed_connections WHERE tenant = @owner AND id = @id", new { owner, id }))?.ToKept();

    public static async Task<byte[]> FileAsync(Db db, PartnerId owner, FeedConnectionId id)
    {
        using var packed = new MemoryStream(await db.ValueAsync<byte[]>("SELECT file FROM feed_connections WHERE tenant = @owner AND id = @id", new { owner, id }));
        using var file = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionMode.Decompress))
            await deflate.CopyToAsync(file);
        return file.ToArray();
    }

    public static async Task<List<ConnectionEntry>> ListAsync(Db db, PartnerId owner, int count) =>
        (await db.QueryAsync<Row>($"SELECT {Columns} FROM feed_connections WHERE tenant = @owner ORDER BY id DESC LIMIT @count", new { owner, count }))
            .ConvertAll(row => new ConnectionEntry(row.Id, row.Name, row.FileName, row.Feed, row.ChangedAt));

    public static Task<int> CountAsync(Db db, PartnerId owner) => db.ValueAsync<int>("SELECT COUNT(*) FROM feed_connections WHERE tenant = @owner", new { owner });

    public static Task AddAsync(Tx tx, KeptConnection connection, byte[] file)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest))
            deflate.Write(file);
        return tx.ExecuteAsync(
            """
            INSERT INTO feed_connections (tenant, id, name, file_name, file, choices, feed, document, as_of, made_at, changed_at)
            VALUES (@Tenant, @Id, @Name, @FileName, @file, @choices, NULL, NULL, @AsOf, @MadeAt, @MadeAt)
            """,
            new { connection.Tenant, connection.Id, connection.Name, connection.FileName, file = packed.ToArray(), choices = Json(connection.Choices), connection.AsOf, connection.MadeAt });
    }

    public static Task PutAsync(Tx tx, KeptConnection connection) => tx.ExecuteAsync(
        "UPDATE feed_connections SET name = @Name, choices = @choices, feed = @Feed, document = @Document, changed_at = @now WHERE tenant = @Tenant AND id = @Id",
        new { connection.Tenant, connection.Id, connection.Name, choices = Json(connection.Choices), connection.Feed, connection.Document, now = tx.Now });

    public static Task<int> ForgetAsync(Tx tx, PartnerId owner, FeedConnectionId id) =>
        tx.ExecuteAsync("DELETE FROM feed_connections WHERE tenant = @owner AND id = @id", new { owner, id });

    private static string Json(ConnectionChoices choices) => JsonSerializer.Serialize(choices, ConnectionJson.Default.ConnectionChoices);

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public FeedConnectionId Id { get; init; }
        public string Name { get; init; } = "";
        public string FileName { get; init; } = "";
        public string Choices { get; init; } = "";
        public FeedId? Feed { get; init; }
        public FeedDocumentId? Document { get; init; }
        public DateTimeOffset AsOf { get; init; }
        public DateTimeOffset MadeAt { get; init; }
        public DateTimeOffset ChangedAt { get; init; }

        public KeptConnection ToKept() => new()
        {
            Tenant = Tenant,
            Id = Id,
            Name = Name,
            FileName = FileName,
            Choices = JsonSerializer.Deserialize(Choices, ConnectionJson.Default.ConnectionChoices) ?? new ConnectionChoices(),
            Feed = Feed,
            Document = Document,
            AsOf = AsOf,
            MadeAt = MadeAt,
        };
    }
}
