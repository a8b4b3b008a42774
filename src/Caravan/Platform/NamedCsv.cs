using System.IO.Compression;
using CsvHelper;

namespace Caravan.Platform;

/// <summary>A column of a file, by any of the names it goes by (letters and digits in lower case); the first is ours.</summary>
internal sealed record NamedColumn(string Field, string[] Names, bool IsNeeded = false);

/// <summary>A CSV file of somebody else's whose columns are found by their names, in any order and case. Divided by commas, semicolons or tabs; plain or gzipped.</summary>
internal sealed class NamedCsv : IDisposable
{
    private readonly Stream file;
    private readonly Stream bytes;
    private readonly CsvReader csv;
    private readonly Dictionary<string, int> columns;

    private NamedCsv(Stream file, Stream bytes, CsvReader csv, Dictionary<string, int> columns)
    {
        this.file = file;
        this.bytes = bytes;
        this.csv = csv;
        this.columns = columns;
    }

    /// <summary>The row being read, from 1; the header is none.</summary>
    public long Row { get; private set; }

    /// <summary>How many of the file's bytes have been read, of how many.</summary>
    public (long Done, long Of) Progress => file.CanSeek ? (file.Position, file.Length) : (0, 1);

    /// <summary>Opens a file and finds its columns.</summary>
    /// <exception cref="InvalidDataException">It is not such a file; the message says what to mend.</exception>
    public static NamedCsv Open(string path, IReadOnlyList<NamedColumn> known) => Open(Path.GetFileName(path), File.OpenRead(path), known);

    /// <summary>Opens what is being sent.</summary>
    public static NamedCsv Open(string name, Stream file, IReadOnlyList<NamedColumn> known)
    {
        Stream bytes = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        var buffered = new BufferedStream(bytes);
        var csv = CsvReader.Create(buffered, new CsvReaderOptions());
        try
        {
            csv.ReadHeader();
            return csv.Headers.Count == 0
                ? throw new InvalidDataException($"{name} is empty. Its first row must name the columns.")
                : new NamedCsv(file, buffered, csv, ColumnsOf(name, [.. csv.Headers], known));
        }
        catch (CsvFormatException broken)
        {
            throw new InvalidDataException($"{name} cannot be read as CSV: {broken.Message}", broken);
        }
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool Read()
    {
        Row++;
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException broken)
        {
            throw new InvalidDataException($"Row {Row} cannot be read as CSV: {broken.Message}", broken);
        }
    }

    /// <summary>A field of the row, without blanks around it; empty when the file has no such column.</summary>
    public string this[string field] => columns.TryGetValue(field, out var index) && index < csv.FieldCount ? csv.GetString(index).Trim() : "";

    /// <summary>Whether the file has the column.</summary>
    public bool Has(string field) => columns.ContainsKey(field);

    public void Dispose()
    {
        csv.Dispose();
        bytes.Dispose();
    }

    private static Dictionary<string, int> ColumnsOf(string file, string[] header, IReadOnlyList<NamedColumn> known)
    {
        var names = Array.ConvertAll(header, name => new string([.. name.Where(char.IsLetterOrDigit)]).ToLowerInvariant());
        var found = new Dictionary<string, int>();
        foreach (var column in known)
        {
            // The name we know best first, wherever it stands.
            var index = column.Names.Select(name => Array.IndexOf(names, name)).FirstOrDefault(index => index >= 0, -1);
            if (index >= 0)
                found[column.Field] = index;
            else if (column.IsNeeded)
                throw new InvalidDataException($"{file} has no column for the {column.Field}. Name one of its columns {string.Join(", ", column.Names.Take(3))}; it has: {string.Join(", ", header.Take(30))}.");
        }

        return found;
    }
}
