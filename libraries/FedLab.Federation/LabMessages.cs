using System.Globalization;
using System.Resources;

namespace FedLab.Federation;

/// <summary>Sentences about certificates, key files, sessions and failures for people, in English and Chinese.</summary>
internal static class LabMessages
{
    private static readonly ResourceManager Resources = new("FedLab.Federation.Resources.LabMessages", typeof(LabMessages).Assembly);

    public static string CertificateOfAnotherAuthority(string name) => Text(nameof(CertificateOfAnotherAuthority), name);

    public static string CertificateNotYetValid(string name, DateTime from) => Text(nameof(CertificateNotYetValid), name, from);

    public static string CertificateExpired(string name, DateTime until) => Text(nameof(CertificateExpired), name, until);

    public static string CertificateOfAnotherRole(string name, string unit, string required) => Text(nameof(CertificateOfAnotherRole), name, unit, required);

    public static string CertificateKey(string name) => Text(nameof(CertificateKey), name);

    public static string FolderMissing(string folder) => Text(nameof(FolderMissing), folder);

    public static string FileMissing(string path) => Text(nameof(FileMissing), path);

    public static string FileTooLarge(string path, long length, long limit) => Text(nameof(FileTooLarge), path, length, limit);

    public static string FileUnreadable(string path) => Text(nameof(FileUnreadable), path);

    public static string TooWide(string path, string mode, string fix) => Text(nameof(TooWide), path, mode, fix);

    public static string KeyOfAnotherCertificate(string path) => Text(nameof(KeyOfAnotherCertificate), path);

    public static string NotACertificate(string path) => Text(nameof(NotACertificate), path);

    public static string NotAKey(string path) => Text(nameof(NotAKey), path);

    public static string NoServerCertificate(string address) => Text(nameof(NoServerCertificate), address);

    public static string ServerRefused(string address, string reason) => Text(nameof(ServerRefused), address, reason);

    public static string ServerNameMismatch(string host) => Text(nameof(ServerNameMismatch), host);

    public static string RefusedWithoutReason(string status) => Text(nameof(RefusedWithoutReason), status);

    public static string CannotConnect(TimeSpan timeout, string reason) => Text(nameof(CannotConnect), timeout, reason);

    public static string ConnectionClosed => Text(nameof(ConnectionClosed));

    public static string OtherProtocolVersion(long theirs, long ours) => Text(nameof(OtherProtocolVersion), theirs, ours);

    public static string ConfigurationMalformed(string path, string cause) => Text(nameof(ConfigurationMalformed), path, cause);

    public static string AtField(string field) => Text(nameof(AtField), field);

    public static string AtLine(long line) => Text(nameof(AtLine), line);

    public static string NotASigningKey(string path) => Text(nameof(NotASigningKey), path);

    public static string CertificateNamedOtherwise(string path, string name) => Text(nameof(CertificateNamedOtherwise), path, name);

    public static string MessageNamed(string step) => Text(nameof(MessageNamed), step);

    public static string MessageOf(string step, string sender) => Text(nameof(MessageOf), step, sender);

    public static string StoredFile(string name) => Text(nameof(StoredFile), name);

    public static string FailureNoRowInCommon => Text(nameof(FailureNoRowInCommon));

    public static string FailureDataChanged => Text(nameof(FailureDataChanged));

    public static string FailureLabelMissing => Text(nameof(FailureLabelMissing));

    public static string FailureFoldMissing => Text(nameof(FailureFoldMissing));

    public static string FailureNotApproved => Text(nameof(FailureNotApproved));

    public static string FailureModelShareMissing => Text(nameof(FailureModelShareMissing));

    public static string FailureModelColumnMissing => Text(nameof(FailureModelColumnMissing));

    public static string FailureScanTooLarge => Text(nameof(FailureScanTooLarge));

    public static string FailureLearning => Text(nameof(FailureLearning));

    public static string FailureOther => Text(nameof(FailureOther));

    public static string FailureInternal => Text(nameof(FailureInternal));

    private static string Text(string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return arguments.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
