using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Caravan.Platform.Storage.Backup;

/// <summary>How many rows a table has, and the SHA-256 of all of them in the order of its key.</summary>
internal readonly record struct TableSum(long Rows, string Sha256);

/// <summary>One moment of a whole store, to be read table by table while others write.</summary>
internal sealed class Snapshot : IAsyncDisposable
{
    private readonly DbConnection connection;
    private readonly DbTransaction transaction;
    private readonly Dictionary<long, long> moved = [];

    private Snapshot(DbConnection connection, DbTransaction transaction, IReadOnlyList<StoredTable> tables, IReadOnlyList<int> migrations)
    {
        this.connection = connection;
        this.transaction = transaction;
        Tables = tables;
        Migrations = migrations;
    }

    public IReadOnlyList<StoredTable> Tables { get; }

    public IReadOnlyList<int> Migrations { get; }

    /// <summary>From here on it stands still.</summary>
    public static async Task<Snapshot> OpenAsync(Database database, CancellationToken cancel)
    {
        var connection = await database.OpenReaderAsync(isInsideRead: false, cancel);
        var transaction = await database.BeginReadAsync(connection);
        return new Snapshot(connection, transaction, await Schema.ReadAsync(connection, transaction), await Schema.MigrationsAsync(connection, transaction));
    }

    public async Task<long> CountAsync(StoredTable table)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // A name out of the store's own catalogue.
        command.CommandText = $"SELECT COUNT(*) FROM {table.Name}";
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>The rows of a table; read the tables in the order of <see cref="Tables"/>.</summary>
    public IAsyncEnumerable<object?[]> RowsAsync(StoredTable table) => TableRows.ReadAsync(connection, transaction, table, moved);

    /// <summary>Counts and hashes a table.</summary>
    public async Task<TableSum> SumAsync(StoredTable table, Action<long> read, CancellationToken cancel)
    {
        using var sum = new RowSum();
        await foreach (var row in RowsAsync(table).WithCancellation(cancel))
        {
            sum.Add(row);
            read(1);
        }

        return sum.Total;
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}

/// <summary>
/// Rows as bytes: each value a byte that says what it is (0 nothing, 1 id, 2 number, 3 real, 4 text, 5 bytes) and then 16 bytes
/// big-endian; 8 bytes little-endian; 8 bytes little-endian; a 4-byte length and UTF-8; a 4-byte length and bytes. Instants
/// are numbers of milliseconds.
/// </summary>
internal static class RowCodec
{
    public static void Write(BinaryWriter writer, object?[] row)
    {
        foreach (var value in row)
        {
            switch (value)
            {
                case null:
                    writer.Write((byte)0);
                    break;
                case Guid id:
                    writer.Write((byte)1);
                    writer.Write(id.ToByteArray(bigEndian: true));
                    break;
                case long number:
                    writer.Write((byte)2);
                    writer.Write(number);
                    break;
                case double real:
                    writer.Write((byte)3);
                    writer.Write(real);
                    break;
                case string text:
                    writer.Write((byte)4);
                    writer.Write(Encoding.UTF8.GetByteCount(text));
                    writer.Write(Encoding.UTF8.GetBytes(text));
                    break;
                default:
                    var bytes = (byte[])value;
                    writer.Write((byte)5);
                    writer.Write(bytes.Length);
                    writer.Write(bytes);
                    break;
            }
        }
    }

    public static object?[] Read(BinaryReader reader, int columns)
    {
        var row = new object?[columns];
        for (var i = 0; i < columns; i++)
        {
            row[i] = reader.ReadByte() switch
            {
                0 => null,
                1 => new Guid(reader.ReadBytes(16), bigEndian: true),
                2 => reader.ReadInt64(),
                3 => reader.ReadDouble(),
                4 => Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32())),
                5 => reader.ReadBytes(reader.ReadInt32()),
                var other => throw new InvalidDataException($"A value of kind {other} is unknown."),
            };
        }

        return row;
    }
}

/// <summary>Counts rows and hashes them as they pass.</summary>
internal sealed class RowSum : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream bytes = new();
    private readonly BinaryWriter writer;
    private long rows;

    public RowSum() => writer = new BinaryWriter(bytes);

    public TableSum Total => new(rows, Convert.ToHexStringLower(hash.GetCurrentHash()));

    public void Add(object?[] row)
    {
        bytes.SetLength(0);
        RowCodec.Write(writer, row);
        Add(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>A row that is bytes already.</summary>
    public void Add(ReadOnlySpan<byte> row)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, row.Length);
        hash.AppendData(length);
        hash.AppendData(row);
        rows++;
    }

    public void Dispose()
    {
        hash.Dispose();
        writer.Dispose();
        bytes.Dispose();
    }
}
