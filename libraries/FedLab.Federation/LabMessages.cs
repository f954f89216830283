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

    public static string WorkerCredentialMissing(string path) => Text(nameof(WorkerCredentialMissing), path);

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

    public static string UnknownField => Text(nameof(UnknownField));

    public static string UnknownFieldNear(string names) => Text(nameof(UnknownFieldNear), names);

    public static string UnknownFieldAmong(string names) => Text(nameof(UnknownFieldAmong), names);

    public static string MustBePresent => Text(nameof(MustBePresent));

    public static string MustNotBeNull => Text(nameof(MustNotBeNull));

    public static string StandsTwice => Text(nameof(StandsTwice));

    public static string MustBeWhole => Text(nameof(MustBeWhole));

    public static string NumberTooLarge => Text(nameof(NumberTooLarge));

    public static string MustBeNumber => Text(nameof(MustBeNumber));

    public static string MustBeSwitch => Text(nameof(MustBeSwitch));

    public static string MustBeText => Text(nameof(MustBeText));

    public static string MustBeList => Text(nameof(MustBeList));

    public static string MustBeObject => Text(nameof(MustBeObject));

    public static string MustBeOneOf(string names) => Text(nameof(MustBeOneOf), names);

    public static string DoesNotFit => Text(nameof(DoesNotFit));

    public static string SomethingDoesNotFit => Text(nameof(SomethingDoesNotFit));

    public static string NothingThere => Text(nameof(NothingThere));

    public static string TooDeep(int depth) => Text(nameof(TooDeep), depth);

    public static string NotJson(int line, int column) => Text(nameof(NotJson), line, column);

    public static string NotUtf8 => Text(nameof(NotUtf8));

    public static string StoppedLate => Text(nameof(StoppedLate));

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

    public static string AloneWithoutTestRows => Text(nameof(AloneWithoutTestRows));

    public static string FailureSumDiffers => Text(nameof(FailureSumDiffers));

    public static string FailureAbsentTooEarly => Text(nameof(FailureAbsentTooEarly));

    public static string FailureWorkerCredential => Text(nameof(FailureWorkerCredential));

    public static string FailureKeysLost => Text(nameof(FailureKeysLost));

    public static string FailureSumUnreadable => Text(nameof(FailureSumUnreadable));

    public static string TokenMalformed => Text(nameof(TokenMalformed));

    public static string RequestTooLong(long length, long limit) => Text(nameof(RequestTooLong), length, limit);

    public static string RequestMalformed => Text(nameof(RequestMalformed));

    public static string RequestKey => Text(nameof(RequestKey));

    public static string OtherWorkerVersion(uint other, int own) => Text(nameof(OtherWorkerVersion), other, own);

    public static string WorkerSilent(TimeSpan patience) => Text(nameof(WorkerSilent), patience.TotalSeconds);

    public static string WorkerCertificateOther(string address) => Text(nameof(WorkerCertificateOther), address);

    public static string CatalogueTooLarge(int bytes, int limit) => Text(nameof(CatalogueTooLarge), bytes, limit);

    public static string CatalogueTooManyFeatures(int count, int limit) => Text(nameof(CatalogueTooManyFeatures), count, limit);

    public static string CatalogueRows(long rows) => Text(nameof(CatalogueRows), rows);

    public static string CatalogueText(string field, string text, int limit) => Text(nameof(CatalogueText), field, text, limit);

    public static string CatalogueName(string name, int limit) => Text(nameof(CatalogueName), name, limit);

    public static string CatalogueNameTwice(string name) => Text(nameof(CatalogueNameTwice), name);

    public static string CatalogueKind(string name) => Text(nameof(CatalogueKind), name);

    public static string CatalogueSecondLabel(string name) => Text(nameof(CatalogueSecondLabel), name);

    public static string CatalogueUnreadable => Text(nameof(CatalogueUnreadable));

    private static string Text(string name, params object[] arguments)
    {
        var format = Resources.GetString(name, CultureInfo.CurrentUICulture) ?? name;
        return arguments.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, arguments);
    }
}
