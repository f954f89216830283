using System.IO.Compression;
using CsvHelper;

namespace FedLab.Data.Reading;

/// <summary>
/// Opens a CSV file for reading, plain or gzipped:
/// <code>file ──► bytes read so far ──► decompression, if it is gzip, with an end mark ──► UTF-8 check ──► CSV reader</code>
/// </summary>
internal static class CsvInput
{
    private const int BufferBytes = 1 << 17;

    private static CsvReaderOptions Options(char separator) => new()
    {
        Separator = separator,
        HasHeader = false,
        MalformedData = CsvMalformedDataHandling.Throw,
        MaxRecordSize = DataLimits.MaximumRowBytes,
        TrackLineNumbers = true,
        IncludeValuesInExceptions = false,
        BufferSize = BufferBytes,
    };

    /// <summary>Opens the file; the reader owns it.</summary>
    /// <exception cref="DataFormatException">There is no such file, or it cannot be opened.</exception>
    public static CsvReader Open(string path, Action<long>? bytesRead, char separator = ',')
    {
        if (Directory.Exists(path)) throw new DataFormatException(Messages.FileIsFolder(path));
        Stream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            var counting = new CountingStream(stream, bytesRead);
            stream = counting;
            var head = counting.Peek();
            var isNamedGzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            var compressed = head is [0x1F, 0x8B] || (head is [0x1F] && isNamedGzip);
            if (head.Length == 0) throw new DataFormatException(Messages.FileEmpty(path));
            if (!compressed && isNamedGzip) throw new DataFormatException(Messages.NotGzip(path));
            var end = compressed ? new EndMark(stream) : null;
            if (end is not null) stream = new GZipStream(end, CompressionMode.Decompress);
            stream = new Utf8CheckingStream(stream, path, end);
            return CsvReader.Create(stream, Options(separator), leaveOpen: false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFormatException(Messages.FileMissing(path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            stream?.Dispose();
            throw new DataFormatException(Messages.FileUnreadable(path, e.Message), e);
        }
        catch (DataFormatException)
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>Reads CSV that is in memory.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="separator">What stands between two fields.</param>
    public static CsvReader Open(byte[] utf8, char separator) => CsvReader.Create(new MemoryStream(utf8, writable: false), Options(separator), leaveOpen: false);
}
