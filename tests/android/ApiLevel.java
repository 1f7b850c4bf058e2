import java.io.File;
import java.io.FileInputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.codehaus.mojo.animal_sniffer.logging.PrintWriterLogger;

/** Says what classes use that an Android does not have: the Android's signatures, a jar, what is not looked at. */
final class ApiLevel {
    public static void main(String[] arguments) throws Exception {
        HashSet<String> others = new HashSet<>(Arrays.asList(arguments).subList(2, arguments.length));
        try (FileInputStream signatures = new FileInputStream(arguments[0])) {
            SignatureChecker checker = new SignatureChecker(signatures, others, new PrintWriterLogger(System.out));
            checker.setSourcePath(List.of());
            checker.process(new File(arguments[1]));
            System.exit(checker.isSignatureBroken() ? 1 : 0);
        }
    }
}
