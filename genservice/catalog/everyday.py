"""Ordinary English words: a closed list, for telling a sentence's first word from a name.

A word that is missing here costs a sentence (it is kept out of briefs); a name that is listed here
could pass for a word. So the list holds words that open sentences about stories, and leaves out
those that are first of all names (`rose`, `mark`, `grace`).
"""

from __future__ import annotations

import re

FUNCTION = frozenset(
    """
    a about above across after afterwards against ago all along alongside already also although always amid
    amidst among amongst an and another any anybody anyone anything anyway anywhere apart are around as
    aside at away back be because been before beforehand behind being below beneath beside besides between
    beyond both but by can can't cannot could couldn't despite did didn't do does doesn't doing don't down
    due during each eight eighteen eighty either eleven else elsewhere enough even eventually ever every
    everybody everyone everything everywhere except few fewer fifteen fifth fifty finally first five for
    forty four fourteen fourth from further furthermore half had has hasn't have haven't having he hence her
    here hers herself him himself his how however hundred hundreds if in indeed inside instead into is isn't
    it it's its itself just last later least less lest let let's like likewise little many me meanwhile mine
    more moreover most mostly much must my myself near nearby nearly neither never nevertheless next nine
    nineteen ninety no nobody none nonetheless nor not nothing now nowhere of off often on once one ones
    only onto or other others otherwise our ours out outside over own past per perhaps quite rather same
    second seven seventeen seventy several she should since six sixteen sixty so some somebody somehow
    someone something sometime sometimes somewhere soon still such ten than that the their theirs them
    themselves then there thereafter therefore these they shall third thirteen thirty this those though thousand
    thousands three through throughout thus till to together tomorrow too toward towards twelve twenty two
    under underneath unfortunately unless unlike until up upon us very was wasn't we were weren't what
    whatever when whenever where whereas whereupon wherever whether which whichever while whilst who whoever
    whole whom whose why with within without won't would yes yesterday yet you your yours yourself would might
    """.split()
)
"""Determiners, pronouns, prepositions, conjunctions, numbers and common adverbs."""

OPENERS = frozenset(
    """
    abandoned abducted ability absent accidentally accompanied accused additionally adopted adult adults
    afraid aged agents aliens alive alone america's amazingly ambitious ancient angered angry animals
    annoyed anxious apparently armed army arriving art artists ashamed assassins assigned assisted
    astronauts audience aware awkward babies baby bad bandits banished bank baseball based battle beautiful
    becoming bent best betrayed better big billionaire bitter blackmailed blamed blind blood bloody body
    bored boredom born bound boy boys brave brilliant broke broken brothers business businessman busy
    calling captured careful cars caught chaos charged chased cheated child childhood children choosing
    citizens city clearly close coming complications concerned confronted confused consequently considered
    contemporary convicted convinced cops corrupt could couple couples cowboys crime criminals crooked cruel
    cursed cut danger dangerous dark dead deadly death deciding deep defeated denied depressed desperate
    destined destroyed determined devastated different difficult directionless disaster discovering
    disgraced disgruntled disguised disgusted disillusioned disturbed divorced doctors dogs doomed double
    down-and-out dozens dreaming dreams driven dying eager early earth easy eccentric eighties elderly
    elsewhere embarrassed employed encouraged enemies engaged enlisted enraged enter entering escaped
    escaping estranged events ever everyday evidence evil exhausted exiled expecting facing faced fact
    failed failing falling families family famous fans far fascinated fate fathers fear fearful fearing
    featuring feeling fellow felt fiercely fighting finding fired following food forced forces foreign
    former fortunately framed free fresh freshly friends friendship frightened frustrated full gangs
    gangsters generally getting ghosts gifted girl girls given giving goaded going gold good government
    gradually graduate great greed grief grieving ground group growing guided guilty guns happily happy
    hard hardened haunted headed help helped helping hence hidden hiding high highly hired history hit
    holding home homeless homicide hoping horrified hostages hot hours house however human humanity humans
    humiliated hundreds hunted hunting husband ignored ignoring imagine immediately immersed imprisoned
    impressed incidentally increasingly indebted individual infatuated initially injured innocent inspired
    intent interested interviews invited ironically isolated jealous jealousy jilted jobless join joined
    joining journalists keeping kidnapped kidnappers kids killed killers knowing known landing large late
    lately law lawyers learning leaving led left legend legends lies life lifelong living local locals
    locked lonely long longing looking loosely losing lost love lovelorn loved lovers loyal luckily lured
    machines made mad making male man mankind married marriage may maybe mean meeting members memories men
    mercenaries middle middle-aged mild military millions miners missing mistaken mistakenly modern money
    monsters months mothers motivated moved moving murder murders music mutual mysterious mysteriously
    mystery naturally naive natural needing neglected neighbours neighbors nervous new newly news newlywed
    newlyweds night nightmares nights nineties nostalgic notorious numerous obsessed officers officially old
    older ominous onboard opposed ordered ordinary orphaned orphans ostracised outcast outraged overcome
    overnight overwhelmed overworked owing paired panic paranoid parents part partly partnered passed
    passengers peace people persuaded picking picked pirates placed planning plagued playing police poor
    posing possessed power powerful powers pregnant prepared presented pressed pressured previously
    prisoners private problems prompted protected proving public punished pursued put quickly racing
    raised rangers reality realising realizing rebels recalling recently recruited reeling refusing regular
    rejected released relentless reluctant reluctantly remembering remorseful repeatedly reporters
    requiring rescued researchers residents respected resolved retired retiring returned returning reunited
    revenge rich rival rivals robots romance romantic running ruthless sad saddled saved saving scared
    school scientists searching secretly secrets seeing seeking seemingly selfish sent separated set
    setting seventies shaken shared shipwrecked shocked shortly short shot shunned shy siblings sick
    sidelined simple simultaneously single sisters sixties skeletons skeptical sleeping slowly small smart
    smitten socially soldiers soldier sometimes sons soon spanning spurned stalked standing starting
    starving staying stealing stolen stranded strange strangely strangers street strong struck struggling
    stuck student students stumbling subsequently successful suddenly suffering summer summoned supposedly
    surely surrounded surprised surprisingly survival surviving survivors suspecting suspected suspended
    suspicious sworn taken taking tasked taught teachers teamed teaming teen teenage teenaged teenager
    teenagers teens tempers tempted tension tensions terrified terrorists thankfully thieves things
    thinking threatened thrilled thrown tied time times tired told torn tormented touched tough tracked
    tracking tragedy trained training transformed transported trapped travelling traveling treasure
    tricked troubled true trying turned turning twins typically ultimately unable unaware unbeknownst
    unbeknown uncertain undaunted undercover undeterred uneasy unemployed unexpected unexpectedly unfazed
    unfolding unhappy unhappily unknown unknowingly unlucky unluckily unsatisfied unsure unwilling
    unwillingly unwitting unwittingly upset urged used using usually vampires various veteran vicious
    victims villagers violence visiting vowing waking wandering wanted wanting war wars warned watching
    wealthy weary weeks well wild wicked willing winning winter witches witness witnesses witnessing women
    woman wondering word words work workers working world worried worse wounded wracked writers wrongfully
    wrongly year years young younger youth zombies
    action actors actress adding additional adventure adventures aggressive airline alien alcoholic allied
    ambition american-born anger anticipating anxiety architect artist assassin astronaut attempting
    attempts attorney attractive author aspiring athletes avenging average awakened awakening bankrupt
    bankers barely barred beaten beauty bears begging beginning believing bigger birds birthday bodies
    books boss both boxing boxer brainy breaking bringing building bullied bumbling burdened burglars
    buried campers cancer captain car career carefree carrying cases cast cats centuries century
    challenged chance change charming chasing cheerleaders chief chosen christmas-loving civil classmates
    clues clumsy coincidentally college comedian commanded comprising computer con confident confined
    conflict conflicts constantly construction controlling conversely cornered counsellors country court
    crazed crazy creatures crew crooks crossing cynical danger dating daughters days dealing debt deceived
    decades defending delighted demons deputies describing desire detective detectives developing devoted
    diagnosed dinosaurs discontented disease disguising dispatched disregarding dissatisfied distraught
    distracted doctor dogged dragons dreams drifter driving drug drugs drunk drunken dumped earlier early
    earning earthquakes eating egotistical elite embittered embarking emotional emotionally enchanted
    ensconced entrusted equipped especially everyday exasperated executives expelled experienced experts
    explorers exploring fallen fame farm farmers fascists fashion father fatherless faking federal female
    feuding fights filled film fires fish fleeing flying focusing football forbidden forever forgotten
    fortune freed frequently friendless funny furious gang gathered gay generations genius gentle ghost
    giant glamorous global goblins gods grandmother greedy growing-up gun gunmen hackers handsome hapless
    heartbroken heavily heroes heroine hidden highlights hitmen holed holiday hopeless horses hospital
    hostage hotel housewife hunters hurt identical ill imagination immigrant immortal immune imaginary
    impoverished impulsive inadvertently inexperienced infected inhabitants initially inmates insane
    instantly intelligent intending intrigued intruders investigating investigations investigators involved
    jaded jail jewel journeying judges jumping junior justice kid kidnapping kind kings knights laid
    landlords leader leaders legendary letters liberated light lions literally lives loneliness loners
    looters love-struck loving mafia magic magical maintaining manipulated mature meek memory mental
    mentally mermaids mice middle millionaire mind misfits mission mistrust mob mobsters modest monks mood
    moments mortified mother mountain mutants naming narrated nasa-trained native nature neither nerdy
    neurotic neighbouring newspaper nomads normal nurses obsession occasionally office officer oil opening
    opposites organised organized original outlaws outnumbered outside owner painfully pals paralysed
    paralyzed partners party passion patients perfect performing perpetually pets phone photographer
    physically pilots planet plans players plot poet poisoned politicians popular prehistoric presuming
    pretending prison prior privileged professional professor prostitutes protecting psychic puppets
    pushed pursuing queer questioning questions quiet quirky racism radical rabbits rats reaching reading
    rebellious reclusive recovering relationships relatives released relocated renegade renowned replaced
    residing restless revealed ridiculed rookie rumours rumors rural sailors salesman schoolchildren science
    scientist searching security self-centred senior separate sex sexually sharing shadows shipped shooting
    sidekick sinister skilled slaves smugglers snakes sharks snow social society songs sorrow space spies
    spirits spiritual split sports spotting spying star stars stationed stories storm story stricken
    stressed strict striving strippers struggles stunned style suburban succeeding suicidal summer super
    supernatural supported suppressed survivor sweet swimming talented talking tales teacher team teams
    technology television temporarily tempting tired-out toys tracing tradition traffic tragic tragically
    trains traumatised traumatized trouble trees tribes trusted truth twenty-something typical unassuming
    unbalanced uncovering undead unemployment unfulfilled unlikely unmarried unpopular unrelated unscrupulous
    unusual upright urban vacation vengeance vengeful village visions visitors volunteers vulnerable
    waiting wary weak wealth weapons wedding werewolves widely widowed widower wife wildly wisecracking
    accountant anthropologist archaeologist author ballerina bartender biker biologist bodyguard bounty
    burglar businesswoman cab carpenter chef chemist choreographer cleaner clerk columnist comedienne composer
    conman criminologist dancer dentist designer diplomat director diver drummer editor engineer entrepreneur
    exorcist fisherman fugitive gangster geologist guitarist hacker heiress historian hitman inventor
    janitor journalist lawyer librarian lumberjack magician maid mathematician mechanic medic meteorologist
    mobster musician neuroscientist novelist orphan painter paramedic paranormal petty pharmacist philosopher
    physicist playboy playwright policeman policewoman porn priest producer programmer psychiatrist
    psychologist publisher pupil rancher rapper realtor reporter rogue saxophonist screenwriter sculptor
    seamstress secretary serial settler singer smuggler socialite sociologist songwriter stockbroker
    stuntman superstar surfer surgeon swindler tech trucker tv undertaker vampire ventriloquist vet veterinarian
    violinist waiter waitress warlock werewolf widow witch wizard writer youngster actor advertising amateur
    animated asylum authorities choreography clad commandant criminal disheveled dishevelled downhill drawn
    elements famed featured fed heavy hilarity included largely layers longtime locations marines marking
    originally presidential receiving scholars sections similar singer sort swept topics virtually wolfman
    withdrawn wolves womanising word-of-mouth worlds wronged
    abbey accident accidents acid acorn afternoon air airport album alcohol alley ambulance anchor angel ankle
    anniversary ant anthem apartment ape appetite apple applause apron aquarium arena arm arrow ash aspiring asked
    assembly astronomer atom attic auction aunt autumn avalanche axe backstage bacon baker bakery balcony ball ballet
    balloon bamboo bandage banker banner bar barbed bare barge bark barn barrel basement basket bat bath battery beach
    beam bean beard beast bed bee beer beetle bell bench bet bicycle bill bishop bitten blackout blade blanket blast
    blizzard blue board boat bomb bone bonfire book boot border bottle bowl box bracelet brain branch brass bread breakfast
    breath bridge brick bright brown bruised bucket bug bullet bureaucrat bus bush butcher butler butter button cabin
    cable cage cake call camp camper canal candle candlelit cannon canoe cardboard cargo carnival carpet cart cash castle
    caterpillar cattle cave ceiling cellar certain chain chair chalk champagne chapel charcoal charity cheap cheese cherry
    chess chicken chimney china chocolate choir church cigarette cinema circle circus clay clean clever cliff clip clock
    cloth clothes cloud clown club coach coal coast coat cocktail coded coffee coffin coin cold college colour coloured
    commuter company competition concert concrete contestant convict cook copper copy coral corn corporate corridor costume
    cottage cotton council counterfeit cow crane crash crate credit cricket crime-ridden crop cross crowd crown cruise
    crystal cup curfew curse curtain customer customs cycle dance darkness dawn daylight debate decent deck deer delivery
    demon desert diamond dinner dirt dismissed diver dockside document dog doll dolphin donkey door dragon drama drawing
    dress drifting drill drink driver drought drum dry duck duel dusk dust duty eagle ear earthquake echo egg eldest
    election electric elephant elevator email empire empty endless enemy engine envelope essay estate evacuation evening
    exam exhausted experiment explosion express eye fabric face fairground faith fake fan farmer fast fax feast feather
    feed fence ferry festival fever fictional field fierce fifties fight finger fire firefighter fireman firemen firework
    fishing flag flame flashback flat flight flock flood floor flour flower flute fog foot footprint footprint footstep
    forest forged forger fork forties fortress fossil fox frail frog frost fruit fuel funeral fur furniture game garden
    gate gentle-mannered germ giraffe glass glove goat goblin golden goose gorilla gospel grain grandfather grandparent
    grape grass gravity gray grease green grey ground guard guardian guest guide guitar gull gunfire guitarist gym hair
    half-finished hammer hand handwritten harbour hat haul hay headline headmaster heart heat heavy-handed hedge
    helicopter herd hidden highway hill hockey hole holy honest honey hood hope-filled horn horse hospital hot-tempered
    hour household housekeeper howling hunger hungry hurricane ice icy idea identity imperial inch indigenous infant
    inheritance ink inmate inn insect insomnia instinct insult insurance iron island jar jaw jazz jet jewellery jockey joke
    journey juice jungle jury karaoke kettle keyboard kidnapper kindness king kingdom kiss kitchen kite knife knight
    knock laboratory labour lace ladder lady lake lamp lantern laundry lava leaf leak leather lecture lemon lesson letter
    library lie lifeboat lifeguard light lightning limbs linen lion lip liquor loan lobster lock locker locomotive log
    lonely-hearted lorry lottery loud low luck luggage lunch lyric machine magazine magnate mail mailman mall mammoth
    map marathon march market marsh mask mayor meal meat medal medicine melody merchant message messenger metal meteor
    midnight mile milk mill mine miner minute miracle mirror missile mist mixtape mole monk monkey monster month moon
    moonlight morning mosquito moss moth motel motorbike motorcycle mould mouse mouth mud mule museum mushroom mutant
    nail neighbour neighbor neighbourhood neighborhood nephew nervously nest net niece nightclub noble noise noon noodle
    noon-time notebook note number nun nut oak oath oasis oat occupation ocean octopus office oil-rich olive omen onion
    opera operator orange orchestra orchestra orphanage outback outlaw oven overcoat owl oxygen oyster package paint
    painting pair palace pancake panther paper parachute parade parcel park parrot passport pasta patient pavement peach
    pear pearl pedestrian pen pencil penguin penicillin pensioner pepper perfume petrol photo photograph piano picnic
    picture pie pig pigeon pilgrim pill pillow pipe pistol pit pizza plain plane plank plant plastic plate platform
    plough poison polar polite pond pony pool port post postcard postman potato pottery poverty powder practice prayer
    preacher pregnant-again present priest princess printer prisoner prize professor-turned promise prophet protest
    protester protesters pub puddle pump punch pupil puppet purple puzzle queue quarrel queen rabbit race racer radio
    raft rag rail railway rain raincoat rainy ranch ransom rat raven razor record red refugee rehearsal rehearsals
    reindeer remote rent restaurant rhythm ribbon rice rifle ring river road robbery robin robot rock rocket roof room
    rope rotten rough round rubber rubble rubbish rugby ruin rule rumour rural-born rust sack saddle safe saint salad
    sale salesman salmon salt sand sandwich satellite sauce scandal scar scarecrow scarf scholarship schoolboy schoolgirl
    schoolteacher scissors scooter sea seal seamless season seaside seat secretive seed selfish-seeming sergeant sermon
    server shadow shark sheep sheet shelf shell shepherd ship shipwreck shirt shoe shop shoplifting shore shovel shy-looking
    sign signal silence silent silk silver siren skater sketch skier skin sky skyscraper slave sleet slogan smell smoke
    smuggled snail snake soap soapy soccer sock soda sofa soil soldiering song sound soup space spaceship spade sparks
    spear spectators spell spider spirit sponge spoon spring spy squirrel stable stack stadium staff stage stair stamp
    station statue steam steel step stock stone storeroom storm-tossed stove straw strawberry stray stream streetcar strike
    string stripped stubborn student-run submarine suburb subway sugar suit suitcase sultry sun sunburnt sunflower sunken
    sunlight sunset superhero supper surgery surveillance swan swarm sweat sweets swift swimmer sword sworn-in table tail
    tailor tank tap tape target tattoo tavern tax taxi tea teammates tear teenage-run telegram telephone telescope temple
    tennis tent terminal test text theatre theater thick thief thin thirst thread throne thunder ticket tide tiger timber
    time-travelling tin tiny tissue toad toast tobacco toilet tomato tomb tooth torch tornado tortoise tourist tower town
    toy track trader trafficker trail train trainee trains trap tray treaty tree trench trial tribe trick troop truck
    trumpet trunk tub tunnel turtle tutor typewriter typhoon tyrant ugly umbrella uncle underground uniform university
    vacant vain valley van vandals vase vast vault vegetable veil velvet vendor verdict vicar video village vine violin
    virus vision visitor voice volcano vote voyage wage wagon wall wallet wallpaper walls warehouse warm warrior wash
    washed wasp waste watch water wave wax weather weaver web wedding weekend weird well-meaning wet whale wheat wheel
    whisky whisper whistle white wide willow wind window windows wine wing winged wire wish wolf wood wooden wool
    workman workshop workshops worm worn wreck wreckage wrestler wrist written-off yacht yard yellow yoga young-at-heart
    crash manager zebra zoo black brother busboy certain-death fearless flamingo lessons queues woken
    """.split()
)
"""Nouns, verbs, adjectives and adverbs that open sentences."""

_WORDS_BEFORE_NAMES = frozenset(
    """
    young long little love best early old new good small rich strong wise day power hope big great high low
    short more most moody police prince princess king queen war peace day night summer winter spring
    """.split()
)
"""Words that open sentences too often to be read as anybody's surname there."""

_ING_OR_ED = ("ing", "ed")
_LINKS = frozenset(
    """
    a about after against an and around as at away between by down for from her herself him himself his in into
    its of off on onto out over she that the their them themselves through to together under up upon while
    with without when why how whether early late twice once
    """.split()
)
_PAST = frozenset(
    """
    went said told came took got made gave found felt kept let left met put ran saw sat set sent spoke stood
    fell fought fled flew drew drove knew led lost paid rode rose sold thought threw told understood woke won
    wore wrote became began broke brought bought built caught chose had did could can must will would should
    may might shall never also then not and or soon once finally later always only still just
    """.split()
)
"""What may follow a name in -s as well as a plural."""
_NAMES_LIKE_ADVERBS = frozenset("beverly kimberly everly waverly".split())


def is_everyday(word: str) -> bool:
    """Whether a word, in any case, is an ordinary word of the lists above or their simple plural."""
    lower = word.lower().replace("\u2019", "'")
    return (
        lower in FUNCTION
        or lower in OPENERS
        or (lower.endswith("s") and lower[:-1] in OPENERS)
        or lower.isdigit()
    )


def is_first_a_word(word: str) -> bool:
    """Whether a word, even where somebody is called so, is read as a word at a sentence's start."""
    lower = word.lower()
    return lower in FUNCTION or lower in _WORDS_BEFORE_NAMES


def opens_as_participle(word: str, following: str) -> bool:
    """Whether a sentence's first word reads as a participle or adverb, by what follows it.

    `Haunted by ...`, `Struggling to ...`, `Unexpectedly, ...`; never by its ending alone, which names
    share (`Sterling`, `Manning`).

    Args:
        word: The first word.
        following: The text right after it.
    """
    lower = word.lower()
    if lower.endswith("ly") and len(lower) > 6 and following.startswith(","):
        return lower not in _NAMES_LIKE_ADVERBS
    if not lower.endswith(_ING_OR_ED) or len(lower) < 5 or not following.startswith(" "):
        return False
    return following[1:].split(" ", 1)[0].strip(",;") in _LINKS


def opens_as_plural(word: str, following: str) -> bool:
    """Whether a sentence's first word reads as a plural noun: in -s, with a verb that agrees.

    `Flamingos march`, `Windows are cleaned`, `Circles of ink`; not `James finds`, nor what a name and a
    plural share (`James must`).
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss") or not word[1:].islower():
        return False
    verb = re.match(r" ([a-z]+)(?![\w'-])", following)
    return verb is not None and not verb[1].endswith(("s", "ed")) and verb[1] not in _PAST
